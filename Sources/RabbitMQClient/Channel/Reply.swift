import AMQPWire
import NIOConcurrencyHelpers

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
    case one(Waiter<Result<Reply, ClientError>>)
    case part(ReplyBatch, Int)

    func resume(_ result: Result<Reply, ClientError>) {
        switch self {
        case .one(let waiter): waiter.resume(result)
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
    private let waiter: Waiter<[Result<Reply, ClientError>]>

    init(count: Int, _ waiter: Waiter<[Result<Reply, ClientError>]>) {
        state = NIOLockedValueBox(State(results: Array(repeating: nil, count: count), missing: count))
        self.waiter = waiter
    }

    func set(_ result: Result<Reply, ClientError>, at index: Int) {
        let complete: [Result<Reply, ClientError>]? = state.withLockedValue { state in
            guard state.results[index] == nil else { return nil }
            state.results[index] = result
            state.missing -= 1
            return state.missing == 0 ? state.results.compactMap(\.self) : nil
        }
        if let complete { waiter.resume(complete) }
    }
}

/// The waiter for a confirm.
typealias ConfirmWaiter = Waiter<Result<Void, ClientError>>

/// The waiter for the end of a channel or connection; resumed with nil when its deadline has passed or it was
/// cancelled.
typealias CloseWaiter = Waiter<CloseReason?>
