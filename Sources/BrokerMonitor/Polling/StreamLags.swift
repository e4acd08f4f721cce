import Foundation
import Names
import RabbitMQManagement
import TopCore

/// How far the consumers of streams are behind, as the broker tells it of consumers of the stream protocol: each of them
/// where the plugin rabbitmq_stream_management is enabled, otherwise the greatest lag of each stream.
///
/// Of consumers of a stream by AMQP 0-9-1 or 1.0 it tells nothing.
struct StreamLags: Sendable {
    /// Seconds for which a lag is known.
    static let patience = 45.0
    /// The highest number of consumers and streams that are followed.
    private static let most = 20_000

    private struct Consumer: Hashable, Sendable {
        var queue: EntityID
        var connection: Name
        var subscription: Int
    }

    private var consumers: [Consumer: Int] = [:]
    private var streams: [EntityID: ConsumerLag] = [:]
    private var listedAt: Date?
    /// The greatest lag of each stream, by the node that its consumers are connected to.
    private var gauges: [Name: (at: Date, lags: [EntityID: Int])] = [:]

    /// Takes the list of all consumers of the stream protocol.
    mutating func take(_ infos: [StreamConsumerInfo], at: Date) {
        consumers = [:]
        streams = [:]
        listedAt = at
        for info in infos.prefix(Self.most) {
            guard let lag = info.offsetLag, lag >= 0 else { continue }
            let messages = Int(clamping: lag)
            let queue = EntityID(vhost: info.queue.vhost, name: info.queue.name)
            if let connection = info.connection, let subscription = info.subscription {
                consumers[Consumer(queue: queue, connection: connection, subscription: subscription)] = messages
            }
            if messages >= streams[queue]?.messages ?? 0 {
                streams[queue] = ConsumerLag(messages: messages, connection: info.connection, at: at)
            }
        }
    }

    /// Takes what one node's Prometheus endpoint tells.
    mutating func take(_ lags: [StreamLagGauge], of node: Name, at: Date) {
        var told: [EntityID: Int] = [:]
        for lag in lags.prefix(Self.most) where lag.messages >= 0 {
            told[EntityID(vhost: lag.vhost, name: lag.queue)] = Int(clamping: lag.messages)
        }
        gauges[node] = (at, told)
    }

    /// Returns the greatest lag of a stream's consumers; `nil` when it is not known.
    func lag(of queue: EntityID, at now: Date) -> ConsumerLag? {
        if isListed(at: now) { return streams[queue] }
        return gauges.values.filter { now.timeIntervalSince($0.at) <= Self.patience }
            .compactMap { told in told.lags[queue].map { ConsumerLag(messages: $0, at: told.at) } }
            .max { $0.messages < $1.messages }
    }

    /// Returns the lag of one consumer; `nil` when it is not known.
    func lag(of id: ConsumerID, at now: Date) -> Int? {
        guard isListed(at: now), id.channel == nil, let connection = id.connection,
            let subscription = Self.subscription(id.tag)
        else { return nil }
        return consumers[Consumer(queue: id.queue, connection: connection, subscription: subscription)]
    }

    private func isListed(at now: Date) -> Bool {
        listedAt.map { now.timeIntervalSince($0) <= Self.patience } ?? false
    }

    /// Returns the number of a subscription by the tag that RabbitMQ gives a consumer of the stream protocol:
    /// `stream.subid-0`.
    static func subscription(_ tag: Name) -> Int? {
        let prefix = "stream.subid-".utf8
        guard tag.bytes.starts(with: prefix) else { return nil }
        return Int(String(decoding: tag.bytes.dropFirst(prefix.count), as: UTF8.self))
    }
}
