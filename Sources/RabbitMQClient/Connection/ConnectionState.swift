/// The state of a `Connection`.
public enum ConnectionState: Sendable, Hashable {
    /// The connection is being opened for the first time.
    case connecting
    /// The connection is open.
    case open
    /// The connection is open, but the broker does not read what is published, for this reason (RabbitMQ: a memory or
    /// disk alarm).
    case blocked(reason: String)
    /// The connection is lost. Attempt number `attempt`, counted from 1, begins after `delay`; `error` is why it is not
    /// open.
    case recovering(attempt: Int, delay: Duration, error: ClientError)
    /// The connection is closed for good: by the application, by a refusal that retrying cannot resolve, or after
    /// recovery was given up.
    case closed(CloseReason)

    /// Whether operations are sent at once.
    public var isOpen: Bool {
        switch self {
        case .open, .blocked: true
        case .connecting, .recovering, .closed: false
        }
    }
}
