public import Foundation
public import Names

/// Where the messages of a queue or an exchange come from, as far as the broker tells. It is asked for while the list of
/// what the row leads to is open.
public struct IncomingPart: Sendable, Equatable {
    /// A channel that publishes to the exchange, or to one that passes messages on to the queue.
    public struct Publisher: Sendable, Equatable {
        /// The channel.
        public var channel: ChannelID
        /// The exchange that it publishes to.
        public var exchange: EntityID
        /// Messages per second; `nil` when it is not known.
        public var rate: Double?

        /// Creates a publisher.
        public init(channel: ChannelID, exchange: EntityID, rate: Double?) {
            self.channel = channel
            self.exchange = exchange
            self.rate = rate
        }
    }

    /// When the broker answered.
    public var at: Date
    /// The queue or the exchange.
    public var row: RowID
    /// The channels, the busiest first. A broker tells none unless its rates mode is `detailed`.
    public var publishers: [Publisher] = []
    /// The bindings that lead to the queue; empty for an exchange.
    public var bindings: [BindingRow] = []
    /// The types of the exchanges of these bindings, as far as they are known.
    public var kinds: [Name: String] = [:]
    /// The exchanges that lead to those.
    public var farther: Set<Name> = []
    /// Whether more exchanges lead there than were asked for.
    public var isCut = false
    /// Why nothing is known, in a clause; `nil` when the broker answered.
    public var problem: String?

    /// Creates a part of which nothing is known yet.
    public init(at: Date, row: RowID) {
        self.at = at
        self.row = row
    }
}
