import Glibc
import NIOConcurrencyHelpers
import NIOCore

/// Reserves an address while nothing listens on it, with a socket that is bound but does not listen. Connections to it
/// are refused, and another socket with SO_REUSEADDR can be bound to it and listen.
final class PortReservation: Sendable {
    let address: SocketAddress
    private let descriptor: NIOLockedValueBox<CInt?>

    /// Binds the socket; port 0 takes a free one. Throws `IOError`.
    init(_ wanted: SocketAddress) throws {
        let family: CInt
        switch wanted {
        case .v4: family = AF_INET
        case .v6: family = AF_INET6
        case .unixDomainSocket: throw IOError(errnoCode: EAFNOSUPPORT, reason: "bind")
        }
        let descriptor = socket(family, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        do {
            var yes: CInt = 1
            guard setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size)) == 0,
                wanted.withSockAddr({ bind(descriptor, $0, socklen_t($1)) }) == 0
            else { throw IOError(errnoCode: errno, reason: "bind") }
            address = try Self.name(of: descriptor, like: wanted)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        self.descriptor = NIOLockedValueBox(descriptor)
    }

    private static func name(of descriptor: CInt, like wanted: SocketAddress) throws -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let named = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard named == 0 else { throw IOError(errnoCode: errno, reason: "getsockname") }
        // Both address families store the port at the same offset, in network byte order.
        let port = withUnsafeBytes(of: storage) { $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self) }
        var address = wanted
        address.port = Int(UInt16(bigEndian: port))
        return address
    }

    deinit { release() }

    func release() {
        let open = descriptor.withLockedValue { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        if let open { Glibc.close(open) }
    }
}
