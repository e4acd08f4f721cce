import Faults
import Names

/// The part of a selector that selects connections and channels.
struct FaultAim: Sendable {
    private let connection: Pattern?
    private let user: Pattern?
    private let virtualHost: Pattern?
    private let channel: Int?
    private let queue: Pattern?
    private let exchange: Pattern?

    init(_ selector: FaultSelector) {
        connection = selector.connection.map(Pattern.init)
        user = selector.user.map(Pattern.init)
        virtualHost = selector.virtualHost.map(Pattern.init)
        channel = selector.channel
        queue = selector.queue.map(Pattern.init)
        exchange = selector.exchange.map(Pattern.init)
    }

    /// Whether it selects by queue or exchange, which only publishes and deliveries name.
    var asksForNames: Bool { queue != nil || exchange != nil }

    /// Whether it selects channels instead of whole connections.
    var asksForChannel: Bool { channel != nil || asksForNames }

    /// Whether a connection is selected.
    ///
    /// - Parameter names: the connection's names, and its client's address.
    func meets(_ identity: SessionIdentity, names: [Name]) -> Bool {
        if let connection, !names.contains(where: { connection.matches($0.text) }) { return false }
        if let user, !(identity.user.map { user.matches($0.text) } ?? false) { return false }
        if let virtualHost, !(identity.virtualHost.map { virtualHost.matches($0.text) } ?? false) { return false }
        return true
    }

    func meets(channel number: UInt16, queues: [Name], exchange name: Name?) -> Bool {
        if let channel, channel != Int(number) { return false }
        if let queue, !queues.contains(where: { queue.matches($0.text) }) { return false }
        if let exchange, !(name.map { exchange.matches($0.text) } ?? false) { return false }
        return true
    }
}
