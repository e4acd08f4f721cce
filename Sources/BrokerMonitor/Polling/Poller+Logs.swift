import Foundation
import Names
import RabbitMQManagement
import TopCore

// How far the members of quorum queues and the consumers of streams are behind.
extension Poller {
    /// Seconds until the plugin rabbitmq_stream_management is asked for again after it was missing.
    private static let missingPluginInterval = 300.0

    /// Decides what to request, from the nodes and from whether there are consumers of the stream protocol.
    func learnLogs(nodes: Int?) {
        if let nodes { lags.nodes = nodes }
        let mayAskPlugin = lags.pluginMissingAt.map { clock.uptime() - $0 >= Self.missingPluginInterval } ?? true
        facts.hasStreamConsumers = lags.seesStreamConsumers && mayAskPlugin
        var families: Set<LogGauges.Family> = []
        // A single node cannot be behind another one.
        if lags.nodes > 1 { families.insert(.members) }
        if lags.seesStreamConsumers, lags.pluginMissingAt != nil { families.insert(.streamConsumers) }
        facts.logFamilies = families
        let now = clock.uptime()
        lags.resting = lags.resting.filter { $0.value > now }
        facts.restingLogs = Set(lags.resting.keys)
    }

    /// Notes from a whole list whether there are consumers of the stream protocol.
    func learnStreamConsumers(_ rows: [ConsumerRow]) {
        lags.seesStreamConsumers = rows.contains { $0.id.channel == nil && StreamLags.subscription($0.id.tag) != nil }
        learnLogs(nodes: nil)
    }

    /// Requests what a node tells of the logs.
    func pollLogs(_ node: Name) async -> AskResult {
        guard let address = prometheus[node], !facts.logFamilies.isEmpty else { return .skipped }
        do {
            let gauges = try await lists.client.logGauges(at: address, facts.logFamilies)
            let at = clock.date()
            lags.members.keep(Set(prometheus.keys))
            lags.members.take(gauges.members, of: node, at: at)
            lags.streams.take(gauges.streamLags, of: node, at: at)
            return .answered
        } catch {
            return rest(node, after: error)
        }
    }

    /// Seconds for which exchanges are asked for after messages reached no queue.
    static let unroutablePeriod = 60.0

    /// Requests which exchanges of a node's channels get messages that reach no queue.
    func pollUnroutable(_ node: Name) async -> AskResult {
        guard let address = prometheus[node] else { return .skipped }
        do {
            lags.unroutable.take(try await lists.client.unroutableGauges(at: address), of: node, at: clock.date())
            return .answered
        } catch {
            return rest(node, after: error)
        }
    }

    /// Seconds until a node is asked again that did not answer; for longer where the answer was too much.
    private static let restAfterFailure = (brief: 30.0, long: 300.0)

    /// Leaves a node alone for some time. Whether its endpoint is dead, the depths tell.
    private func rest(_ node: Name, after error: ManagementError) -> AskResult {
        if case .cancelled = error.code { return .skipped }
        let isTooMuch = if case .timedOut = error.code { true } else { false }
        let seconds = isTooMuch ? Self.restAfterFailure.long : Self.restAfterFailure.brief
        lags.resting[node] = clock.uptime() + seconds
        facts.restingLogs.insert(node)
        entrance.logger.debug("\(error)")
        return .skipped
    }

    func pollStreamConsumers() async throws(ManagementError) {
        do throws(ManagementError) {
            let list = try await lists.client.streamConsumers()
            lags.pluginMissingAt = nil
            lags.streams.take(list.items, at: clock.date())
        } catch {
            switch error.code {
            case .notFound, .methodNotAllowed, .notPermitted: lags.pluginMissingAt = clock.uptime()
            default: throw error
            }
        }
        learnLogs(nodes: nil)
    }

    /// Adds to the details of queues which members and consumers are behind.
    func complete(_ part: inout QueuesRichPart, at now: Date) {
        for place in part.queues.indices {
            let id = part.queues[place].depth.id
            switch part.queues[place].details.type {
            case "quorum": part.queues[place].details.memberLags = lags.members.lags(of: id, at: now)
            case "stream": part.queues[place].details.consumerLag = lags.streams.lag(of: id, at: now)
            default: break
            }
        }
    }
}

extension ListPart<ConsumerRow> {
    /// Adds how far consumers of streams are behind.
    mutating func complete(_ lags: StreamLags, at now: Date) {
        for index in rows.indices where rows[index].id.channel == nil {
            rows[index].offsetLag = lags.lag(of: rows[index].id, at: now)
        }
    }
}
