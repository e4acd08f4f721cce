import Foundation
import Glibc

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
