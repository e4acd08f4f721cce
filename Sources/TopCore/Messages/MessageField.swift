/// A value of a message that filters can ask for: `routing_key`, `size`, `reason`.
public enum MessageField: String, Sendable, Hashable, CaseIterable {
    case exchange
    case routingKey = "routing_key"
    case size, redelivered
    case deliveryCount = "delivery_count"
    case priority, persistent, timestamp
    case contentType = "content_type"
    case contentEncoding = "content_encoding"
    case correlationID = "correlation_id"
    case replyTo = "reply_to"
    case expiration
    case messageID = "message_id"
    case type
    case userID = "user_id"
    case appID = "app_id"
    /// Of a dead letter: why it died last, where it died last, and where first.
    case reason
    case diedIn = "died_in"
    case origin
    /// How often it died.
    case deaths
    /// Each header as `key=value`.
    case headers
    /// The beginning of the body as text.
    case body

    /// The kind of the values.
    public var kind: ColumnKind {
        switch self {
        case .size: .bytes
        case .redelivered, .persistent: .flag
        case .deliveryCount, .priority, .deaths: .count
        case .timestamp: .time
        case .headers: .list
        case .exchange, .routingKey, .contentType, .contentEncoding, .correlationID, .replyTo, .expiration, .messageID,
            .type, .userID, .appID, .reason, .diedIn, .origin, .body:
            .text
        }
    }

    /// Whether a text or a regular expression is looked for in it. What is told of deaths is in the headers.
    var isSearched: Bool {
        switch self {
        case .reason, .diedIn, .origin: false
        default: kind == .text || kind == .list
        }
    }

    /// The names that a condition on messages can use.
    public static let scope = ConditionScope.row(allCases.map { ConditionName($0.rawValue, $0.kind) }, of: "messages")
    /// How much of a body is searched, in bytes.
    public static let searchedBytes = 1 << 20
}

/// A message that a filter can ask for its fields.
public protocol FilterableMessage {
    /// Returns a value; `none` where the message does not say.
    func value(of field: MessageField) -> Value
}
