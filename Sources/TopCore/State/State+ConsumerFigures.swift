public import Foundation
public import Names

/// What a consumer's channel tells of it. The figures are the consumer's own where it is the only one of its channel.
public struct ChannelFigures: Sendable, Equatable, Codable {
    /// The user of the connection.
    public var user: Name?
    /// Deliveries not acknowledged.
    public var unacked: Int?
    /// Messages delivered per second.
    public var deliverRate: Double?
    /// Messages acknowledged per second.
    public var ackRate: Double?
    /// Since when the channel has been idle.
    public var idleSince: Date?

    /// Takes from a channel what is known of its consumer.
    init(_ channel: ChannelRow) {
        user = channel.user
        guard channel.consumers == 1 else { return }
        unacked = channel.unacked
        deliverRate = channel.deliverRate
        ackRate = channel.ackRate
        idleSince = channel.idleSince
    }
}

extension State {
    /// Completes the consumers with what their channels tell, when either list has arrived.
    mutating func completeConsumers() {
        var touched: [Int] = []
        for place in consumers.rows.indices {
            let id = consumers.rows[place].id.channel
            let figures = id.flatMap { channels.row(.channel($0)) }.map(ChannelFigures.init)
            guard figures != consumers.rows[place].ofChannel else { continue }
            consumers.rows[place].ofChannel = figures
            touched.append(place)
        }
        if !touched.isEmpty { consumers.arrange([], touched: touched, now: now) }
    }
}
