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
