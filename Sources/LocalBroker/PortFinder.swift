import Foundation
import Glibc
import Synchronization

/// Finds free ports of the loopback interface.
///
/// The ports are below the range that the kernel uses for outgoing connections, so that a node that was killed finds
/// its ports free when it starts again. Another process may take one before the broker does; the start is then tried
/// again with other ports.
enum PortFinder {
    private static let taken = Mutex<Set<Int>>([])

    static func find() -> BrokerNode.Ports? {
        var ports: [Int] = []
        for _ in 0..<2000 where ports.count < 6 {
            let port = Int.random(in: range)
            if !ports.contains(port), taken.withLock({ $0.insert(port).inserted }) {
                if isFree(port) { ports.append(port) } else { release([port]) }
            }
        }
        guard ports.count == 6 else {
            release(ports)
            return nil
        }
        return BrokerNode.Ports(
            amqp: ports[0], amqps: ports[1], management: ports[2], prometheus: ports[3], distribution: ports[4],
            epmd: ports[5])
    }

    static func release(_ ports: BrokerNode.Ports) {
        release(ports.all)
    }

    private static func release(_ ports: [Int]) {
        taken.withLock { $0.subtract(ports) }
    }

    static func isFree(_ port: Int) -> Bool {
        guard let number = UInt16(exactly: port) else { return false }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // As the broker does, so that connections of an earlier node in TIME_WAIT are no obstacle.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        return LoopbackAddress(port: number).withPointer { bind(descriptor, $0, $1) == 0 && listen(descriptor, 1) == 0 }
    }

    private static let range: ClosedRange<Int> = {
        let outgoing = (try? String(contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)) ?? ""
        let lowest = outgoing.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) } ?? 32768
        return lowest > 12_000 ? 10_000...(lowest - 1) : 10_000...32_767
    }()
}

/// A listening TCP socket, read from /proc/net/tcp and /proc/net/tcp6 (see proc(5)).
package struct ListeningSocket: Sendable, Equatable {
    package var address: String
    package var port: Int

    /// The kernel prints addresses as words in the machine's byte order: 127.0.0.1 and ::1 on a little-endian machine.
    package var isLoopback: Bool {
        address.hasSuffix("7F") && address.count == 8 || address == "00000000000000000000000001000000"
    }

    /// Returns the listening sockets that processes hold open.
    package static func all(of processes: Set<Int32>) -> [ListeningSocket] {
        let inodes = Set(processes.flatMap(sockets))
        return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { path in
            wholeText(of: path).split(separator: "\n").dropFirst()
                .compactMap { line -> ListeningSocket? in
                    let fields = line.split(separator: " ")
                    // Local address, state (0A: LISTEN) and inode.
                    guard fields.count > 9, fields[3] == "0A", inodes.contains(String(fields[9])) else { return nil }
                    let parts = fields[1].split(separator: ":")
                    guard parts.count == 2, let port = Int(parts[1], radix: 16) else { return nil }
                    return ListeningSocket(address: String(parts[0]), port: port)
                }
        }
    }

    /// Reads a file of /proc completely. The kernel returns such a file one page at a time, and Foundation takes a
    /// short read for the end; on a machine with many sockets it returned only the first ones.
    private static func wholeText(of path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &part, part.count)
            guard count > 0 else { break }
            bytes += part.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func sockets(of process: Int32) -> [String] {
        let folder = "/proc/\(process)/fd"
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return descriptors.compactMap { descriptor in
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(descriptor)"),
                target.hasPrefix("socket:[")
            else { return nil }
            return String(target.dropFirst("socket:[".count).dropLast())
        }
    }
}

/// 127.0.0.1 and a port, in the form that the socket calls take.
struct LoopbackAddress {
    var port: UInt16

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
