import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Texts for the end of a socket, or for a failed connect.
enum TransportFailure {
    /// Returns the system's error text without the name of the system call: `Connection reset by peer`.
    static func words(_ error: any Error) -> String {
        guard let error = error as? IOError else { return TLSFailure.words(error) }
        return String(cString: strerror(error.errnoCode))
    }
}
