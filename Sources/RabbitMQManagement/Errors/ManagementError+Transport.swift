import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The deadline passed.
struct DeadlineExceeded: Error {}

/// The response is larger than the limit.
struct AnswerTooLarge: Error {}

/// The response has more rows than are kept.
struct TooManyRows: Error, Equatable {
    var limit: Int
}

/// An error after the response had begun.
struct BodyInterrupted: Error {
    var reason: any Error
}

extension ManagementError.Code {
    /// Returns the code for an error that kept a request from being completed.
    static func failure(_ error: any Error, timeout: Duration, limit: Int) -> Self {
        switch error {
        case is DeadlineExceeded: .timedOut(after: timeout)
        case is AnswerTooLarge: .tooLarge(limit: limit)
        case is CancellationError: .cancelled
        case let interrupted as BodyInterrupted: Self.interruption(interrupted.reason, timeout: timeout, limit: limit)
        case let error as HTTPClientError: Self.failure(error, timeout: timeout)
        case let error as NIOConnectionError: .unreachable(reason: Self.reason(error))
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            .otherHost(Self.expectedName(error), names: [])
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: .tlsFailed(reason: Self.tlsReason(error))
        case is HTTPParserError: .notJSON(contentType: "no HTTP")
        case let error as IOError: .unreachable(reason: Self.reason(error))
        default: .unreachable(reason: Self.text(error))
        }
    }

    private static func failure(_ error: HTTPClientError, timeout: Duration) -> Self {
        switch error {
        case .alreadyShutdown: .shutDown
        case .cancelled, .requestStreamCancelled: Task.isCancelled ? .cancelled : .shutDown
        case .deadlineExceeded, .readTimeout, .writeTimeout, .connectTimeout, .getConnectionFromPoolTimeout:
            .timedOut(after: timeout)
        case .tlsHandshakeTimeout: .tlsFailed(reason: "no handshake in time; the port may not speak TLS")
        case .remoteConnectionClosed: .unreachable(reason: "it closed the connection without an answer")
        case .uncleanShutdown: .tlsFailed(reason: "the connection was cut off")
        default: .unreachable(reason: error.shortDescription)
        }
    }

    private static func interruption(_ error: any Error, timeout: Duration, limit: Int) -> Self {
        switch error {
        case is DeadlineExceeded: return .timedOut(after: timeout)
        case is AnswerTooLarge: return .tooLarge(limit: limit)
        case let excess as TooManyRows: return .tooManyRows(limit: excess.limit)
        case is CancellationError: return .cancelled
        case let error as HTTPClientError:
            switch error {
            case .alreadyShutdown: return .shutDown
            case .cancelled: return Task.isCancelled ? .cancelled : .shutDown
            case .deadlineExceeded, .readTimeout: return .timedOut(after: timeout)
            default: return .truncated
            }
        default:
            // The decompressor's own limit; its error type is not public.
            let isLimit = String(describing: type(of: error)) == "DecompressionError" && "\(error)" == "limit"
            return isLimit ? .tooLarge(limit: limit) : .truncated
        }
    }

    private static func reason(_ error: NIOConnectionError) -> String {
        if let first = error.connectionErrors.first {
            if let system = first.error as? IOError { return reason(system) }
            if let timeout = first.error as? ChannelError, case .connectTimeout = timeout {
                return "no connection in time"
            }
            return text(first.error)
        }
        if error.dnsAError != nil || error.dnsAAAAError != nil { return "the name \(error.host) has no address" }
        return "no connection"
    }

    private static func reason(_ error: IOError) -> String {
        switch error.errnoCode {
        case Errno.connectionRefused: "connection refused"
        case Errno.connectionReset: "the connection was reset"
        default: text(error)
        }
    }

    /// Returns the name that the certificate should have; nil for an address.
    private static func expectedName(_ error: NIOSSLExtraError) -> String? {
        let name = "\(error)".firstMatch(of: /find (.+) in certificate/).map { String($0.1) }
        return name == "<none>" ? nil : name
    }

    /// Returns the TLS library's text, without its source files and line numbers.
    private static func tlsReason(_ error: any Error) -> String {
        let words = "\(error)".matches(of: /OPENSSL_internal:([A-Z0-9_]+)/).map {
            String($0.1).lowercased().split(separator: "_").joined(separator: " ")
        }
        return words.isEmpty ? text(error) : words.joined(separator: ", ")
    }

    private static func text(_ error: any Error) -> String {
        BrokerText.harmless(String(describing: error), limit: 200) ?? "unknown"
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

private enum Errno {
    static let connectionRefused = ECONNREFUSED
    static let connectionReset = ECONNRESET
}
