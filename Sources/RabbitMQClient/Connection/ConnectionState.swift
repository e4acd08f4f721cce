/// Where the life of a `Connection` stands.
public enum ConnectionState: Sendable, Hashable {
    /// Not open yet, for the first time.
    case connecting
    case open
    /// Open, but the broker does not read what is published (RabbitMQ: a memory or disk alarm), for this reason.
    case blocked(reason: String)
    /// Lost: attempt number `attempt`, counted from 1, begins after `delay`; `error` is why it is not open.
    case recovering(attempt: Int, delay: Duration, error: ClientError)
    /// Over for good: closed by the application, refused for a reason that trying again does not mend, or given up.
    case closed(CloseReason)

    /// Whether operations are sent at once.
    public var isOpen: Bool {
        switch self {
        case .open, .blocked: true
        case .connecting, .recovering, .closed: false
        }
    }
}
