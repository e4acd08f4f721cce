import AMQPWire
import NIOConcurrencyHelpers
import NIOCore
import Synchronization

/// The broker's reply to a request, with its content.
struct Reply {
    var method: Method
    var content: Content?
    /// The epoch of the channel in which the content arrived.
    var epoch: UInt32?

    /// The error for a reply that does not fit. The machine passes only fitting replies; the type system requires this
    /// case.
    var mismatch: ClientError {
        ClientError(.channelClosed, "The broker answered with \(method.name), which does not fit the request.")
    }
}

/// The waiter for a reply.
enum ReplyWaiter {
    case one(UnsafeContinuation<Result<Reply, ClientError>, Never>)
    case part(ReplyBatch, Int)

    func resume(_ result: Result<Reply, ClientError>) {
        switch self {
        case .one(let continuation): continuation.resume(returning: result)
        case .part(let batch, let index): batch.set(result, at: index)
        }
    }
}

/// The replies to requests that were sent together; complete when the last one has arrived.
final class ReplyBatch: Sendable {
    private struct State {
        var results: [Result<Reply, ClientError>?]
        var missing: Int
    }

    private let state: NIOLockedValueBox<State>
    private let continuation: UnsafeContinuation<[Result<Reply, ClientError>], Never>

    init(count: Int, _ continuation: UnsafeContinuation<[Result<Reply, ClientError>], Never>) {
        state = NIOLockedValueBox(State(results: Array(repeating: nil, count: count), missing: count))
        self.continuation = continuation
    }

    func set(_ result: Result<Reply, ClientError>, at index: Int) {
        let complete: [Result<Reply, ClientError>]? = state.withLockedValue { state in
            guard state.results[index] == nil else { return nil }
            state.results[index] = result
            state.missing -= 1
            return state.missing == 0 ? state.results.compactMap(\.self) : nil
        }
        if let complete { continuation.resume(returning: complete) }
    }
}

/// The waiter for a confirm.
struct ConfirmWaiter {
    /// Distinguishes several waits for the same confirm.
    var token: UInt64
    var continuation: UnsafeContinuation<Result<Void, ClientError>, Never>

    private static let tokens = Atomic<UInt64>(0)

    static func makeToken() -> UInt64 { tokens.add(1, ordering: .relaxed).newValue }
}

/// The waiter for the end of a channel or connection; with a deadline if the end was requested.
struct CloseWaiter {
    var token: UInt64
    var deadline: NIODeadline?
    /// Nil once the deadline has passed or the wait was cancelled.
    var continuation: UnsafeContinuation<CloseReason?, Never>
}
