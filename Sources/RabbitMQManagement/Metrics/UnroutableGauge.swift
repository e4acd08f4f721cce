public import Names

/// How many messages that reached no queue a node has counted for an exchange, over its open channels.
public struct UnroutableGauge: Sendable, Hashable {
    /// The vhost of the exchange.
    public var vhost: Name
    /// The name of the exchange; empty for the default one.
    public var exchange: Name
    /// The number of messages that were returned or dropped; less when a channel closed.
    public var messages: Int64

    /// Creates a count.
    public init(vhost: some NameConvertible, exchange: some NameConvertible, messages: Int64) {
        self.vhost = vhost.asName
        self.exchange = exchange.asName
        self.messages = messages
    }
}

/// Adds up the unroutable messages of the family `channel_exchange_metrics` by exchange.
struct UnroutableGaugeParser: MetricParser {
    private struct Key: Hashable {
        var vhost: Name
        var exchange: Name
    }

    var lines = MetricLines()
    var samples = 0
    var undecodable = 0
    private let mostRows: Int
    private var counts: [Key: Int64] = [:]

    /// - Parameter mostRows: the maximum number of exchanges; more are left out.
    init(mostRows: Int = 10_000) { self.mostRows = mostRows }

    mutating func takeLine(_ bytes: UnsafeRawBufferPointer) {
        guard let line = sample(bytes) else { return }
        guard
            line.equals(line.name, "rabbitmq_detailed_channel_messages_unroutable_dropped_total")
                || line.equals(line.name, "rabbitmq_detailed_channel_messages_unroutable_returned_total"),
            let count = line.integer, count > 0
        else { return }
        var vhost: Range<Int>?
        var exchange: Range<Int>?
        let isWellFormed = line.forEachLabel { name, value in
            if line.equals(name, "vhost") {
                vhost = value
            } else if line.equals(name, "exchange") {
                exchange = value
            }
        }
        guard isWellFormed, let vhost, let exchange else {
            undecodable += 1
            return
        }
        let key = Key(vhost: MetricLine.unescaped(bytes[vhost]), exchange: MetricLine.unescaped(bytes[exchange]))
        guard counts[key] != nil || counts.count < mostRows else { return }
        let (sum, overflow) = counts[key, default: 0].addingReportingOverflow(count)
        counts[key] = overflow ? .max : sum
    }

    mutating func finish() -> [UnroutableGauge] {
        finishLines()
        return counts.map { UnroutableGauge(vhost: $0.key.vhost, exchange: $0.key.exchange, messages: $0.value) }
    }
}
