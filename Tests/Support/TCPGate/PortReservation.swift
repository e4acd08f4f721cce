import Glibc
import NIOConcurrencyHelpers
import NIOCore

/// A port of 127.0.0.1 that stays ours while nothing listens on it: a socket that is bound and does not listen. Who
/// connects to it meanwhile is refused, and another socket with SO_REUSEADDR can be bound to it and listen.
struct PortReservation: Sendable {
    let port: Int
    private let descriptor: NIOLockedValueBox<CInt?>

    init() throws {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        var yes: CInt = 1
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size)) == 0
                    && bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard bound else {
            let code = errno
            Glibc.close(descriptor)
            throw IOError(errnoCode: code, reason: "bind")
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        self.descriptor = NIOLockedValueBox(descriptor)
    }

    func release() {
        let open = descriptor.withLockedValue { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        if let open { Glibc.close(open) }
    }
}
