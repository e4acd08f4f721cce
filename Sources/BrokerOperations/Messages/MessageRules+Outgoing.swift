import AMQPWire
import Names
public import TopCore

extension MessageRules {
    /// Returns a message as it is published; refuses one that cannot go there.
    ///
    /// The headers that the source's queue added are removed. Where the routing key is not the message's own, its CC
    /// header is removed, too: the broker would route it to those keys.
    public func outgoing(
        _ message: TakenMessage, to destination: MessageDestination
    ) throws(MessageRefusal) -> OutgoingCopy {
        var properties = message.properties
        var headers = properties.headers
        headers?.entries.removeAll { BrokerHeader.isOfDelivery($0.key) }
        let history = DeathHistory(headers)
        var keepsKeys = false
        let group: TransferGroup
        let routingKey: Name
        switch destination {
        case .queue(let queue):
            routingKey = queue
            group = TransferGroup(exchange: "", routingKey: queue, queue: queue)
        case .exchange(let exchange, let key):
            keepsKeys = key == nil
            routingKey = key ?? message.routingKey
            group = TransferGroup(exchange: exchange, routingKey: key)
        case .origin(let rule):
            guard let history else { throw MessageRefusal(why: "it is no dead letter: it has no header x-death") }
            let death = rule.death == .first ? history.first : history.latest
            (routingKey, group) = try Self.back(death, by: rule.way)
            keepsKeys = rule.way == .exchange
            // A queue with a dead-letter routing key removes the CC header, whose keys the death still tells.
            if keepsKeys, death.routingKeys.count > 1, headers?["CC"] == nil {
                headers?["CC"] = .array(death.routingKeys.dropFirst().map { .string($0) })
            }
            if !keepsDeaths { headers?.entries.removeAll { DeathHistory.isHeader($0.key) } }
        }
        if !keepsKeys { headers?.entries.removeAll { $0.key == "CC" || $0.key == "BCC" } }
        if headers != properties.headers { properties.headers = headers.flatMap { $0.isEmpty ? nil : $0 } }
        switch expiration {
        case .keep: break
        case .drop: if properties.expiration != nil { properties.expiration = nil }
        case .restore:
            if let original = history?.deaths.lazy.compactMap(\.originalExpiration).first {
                properties.expiration = original
            }
        }
        if let owner = properties.userID, owner != user {
            switch userID {
            case .refuse:
                throw MessageRefusal(
                    why: "its user_id is '\(owner)', and the broker takes it from that user alone (--user-id drop)")
            case .drop: properties.userID = nil
            case .keep: break
            }
        }
        return OutgoingCopy(
            exchange: group.exchange, routingKey: routingKey, properties: properties, group: group)
    }

    private static func back(_ death: Death, by way: OriginRule.Way) throws(MessageRefusal) -> (Name, TransferGroup) {
        switch way {
        case .queue:
            guard (1...255).contains(death.queue.count) else {
                throw MessageRefusal(why: "its header x-death names no queue")
            }
            return (
                death.queue,
                TransferGroup(exchange: "", routingKey: death.queue, queue: death.queue, reason: death.reason)
            )
        case .exchange:
            guard let exchange = death.exchange, let key = death.routingKeys.first, exchange.count < 256,
                key.count < 256
            else { throw MessageRefusal(why: "its header x-death names no exchange and routing key") }
            return (key, TransferGroup(exchange: exchange, routingKey: key, queue: nil, reason: death.reason))
        }
    }
}
