import NIOCore
import NIOPosix
internal import NIOSSL

extension ClientError {
    /// Returns the error of a failed connect to an endpoint.
    static func connecting(to endpoint: Endpoint, failed error: any Error) -> ClientError {
        let attempts = (error as? NIOConnectionError)?.connectionErrors.map(\.error) ?? [error]
        if !attempts.isEmpty, attempts.allSatisfy({ ($0 as? IOError)?.errnoCode == ECONNREFUSED }) {
            return ClientError(.connectionRefused, "Nothing listens at \(endpoint).")
        }
        if error.isTLSFailure {
            return ClientError(.tlsFailed, "TLS with \(endpoint) failed: \(TLSFailure.words(error)).")
        }
        if let dns = error as? NIOConnectionError, dns.connectionErrors.isEmpty {
            return ClientError(.connectFailed, "The name \(endpoint.host) has no address.")
        }
        return ClientError(
            .connectFailed, "\(endpoint) cannot be reached: \(TransportFailure.words(attempts.first ?? error)).")
    }
}
