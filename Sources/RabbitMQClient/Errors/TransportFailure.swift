import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What ended a socket, or kept it from being made.
enum TransportFailure {
    /// `Connection reset by peer`: the system's own words, without the call that it answered.
    static func words(_ error: any Error) -> String {
        guard let error = error as? IOError else { return TLSFailure.words(error) }
        return String(cString: strerror(error.errnoCode))
    }
}
