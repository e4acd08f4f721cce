import Glibc
import Testing

@testable import LocalBroker

@Suite struct ListeningSocketTests {
    /// More sockets than fit the page that one read of /proc/net/tcp gives.
    @Test func everySocketOfAMachineWithManyIsFound() throws {
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        for _ in 0..<60 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            try #require(descriptor >= 0)
            descriptors.append(descriptor)
            try #require(LoopbackAddress(port: 0).withPointer({ bind(descriptor, $0, $1) }) == 0)
            try #require(listen(descriptor, 1) == 0)
        }
        #expect(ListeningSocket.all(of: [getpid()]).count { $0.isLoopback } >= 60)
    }
}
