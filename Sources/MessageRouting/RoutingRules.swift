/// How messages are routed: as in AMQP 0-9-1 and RabbitMQ, or with a common misconception.
public struct RoutingRules: Sendable, Hashable {
    /// Whether a queue gets one copy for each matching binding.
    public var copiesPerBinding = false
    /// Whether `*` in a topic binding matches one word or more.
    public var starTakesManyWords = false
    /// Whether `#` in a topic binding matches one word or more.
    public var hashNeedsAWord = false
    /// Whether a fanout exchange compares the routing key.
    public var fanoutHeedsKeys = false
    /// Whether headers with names that begin with `x-` count with `x-match` `all` and `any`, too.
    public var countsXHeaders = false
    /// Whether header values match by their text, whatever their types.
    public var ignoresHeaderTypes = false
    /// Whether an alternate exchange gets everything that its exchange gets.
    public var alternateGetsAll = false
    /// Whether an alternate exchange gets what in the end has reached no queue, wherever it was routed.
    public var alternateWaitsForTheEnd = false
    /// Whether a message that reaches an exchange through an exchange binding goes to everything that is bound there.
    public var boundExchangesFlood = false

    /// Creates the rules of AMQP.
    public init() {}

    /// The rules of the AMQP 0-9-1 specification, section 3.1.3; RabbitMQ documentation: Exchanges, Exchange to
    /// Exchange Bindings, Alternate Exchanges.
    public static let amqp = RoutingRules()
}
