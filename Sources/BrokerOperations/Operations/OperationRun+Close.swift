import BrokerMonitor
import Names
import RabbitMQClient
import RabbitMQManagement
import TopCore

extension OperationRun {
    func closeChannel(_ id: ChannelID, _ method: CloseChannelMethod) async -> OperationReport {
        let report = context.entrance.own.report(with: context.configuration.registry)
        if let connection = report.connections.first(where: { Name($0.name) == id.connection && $0.closedAt == nil }),
            let channel = connection.channels.first(where: { Int($0.number) == id.number && $0.closedAt == nil }),
            let found = find(connection: connection.id, channel: channel.id)
        {
            return await close(found, method)
        }
        return await closeAnybodys(id, method)
    }

    func closeClientChannel(_ id: ClientRowID, _ method: CloseChannelMethod) async -> OperationReport {
        guard let number = id.channel else {
            return .failed("this is a connection, not a channel", advice: "Choose one of its channels.")
        }
        guard !id.isAttached else {
            return .failed(
                "channel \(number) is another process's", advice: "Only that process can close it by its own client.")
        }
        if let found = find(connection: id.connection, channel: id.epoch) { return await close(found, method) }
        let report = context.entrance.own.report(with: context.configuration.registry)
        guard let connection = report.connections.first(where: { $0.id == id.connection && $0.closedAt == nil }),
            connection.channels.contains(where: { $0.id == id.epoch && $0.closedAt == nil })
        else { return .failed("channel \(number) is closed already", advice: nil) }
        return await closeAnybodys(ChannelID(connection: Name(connection.name), number: number), method)
    }

    private func find(connection: UInt64, channel: UInt64) -> AMQPChannel? {
        context.configuration.registry.channel(channel, ofConnection: connection)
            ?? context.entrance.own.watching.channel(channel, ofConnection: connection)
    }

    /// Closes a channel of this process through its own connection.
    private func close(_ channel: AMQPChannel, _ method: CloseChannelMethod) async -> OperationReport {
        do throws(ClientError) {
            switch method {
            case .polite: try await channel.close(code: 200, text: "closed by rabbittop")
            case .notFound: _ = try await channel.declareQueuePassive(ChannelCloser.missingQueue)
            case .preconditionFailed:
                // This exchange exists with type direct, so the broker refuses the declaration; nothing changes.
                try await channel.declareExchange("amq.direct", type: "fanout", durable: true)
            }
        } catch {
            guard channel.closeReason != nil, error.code != .timeout else { return Self.failed(error) }
        }
        guard let reason = channel.closeReason else {
            return .failed("channel \(channel.number) is still open: the broker did not object", advice: nil)
        }
        return .finished("channel \(channel.number) closed: \(reason.code) \(Self.words(reason))")
    }

    /// Closes a channel of any client through rabbitmqctl.
    private func closeAnybodys(_ id: ChannelID, _ method: CloseChannelMethod) async -> OperationReport {
        guard method != .polite else {
            return .offersConnection(id, why: "only its own client can close a channel politely")
        }
        guard let rabbitmqctl = context.configuration.rabbitmqctl else {
            return .offersConnection(
                id,
                why: "over HTTP nobody can close another client's channel, and there is no rabbitmqctl (--rabbitmqctl)")
        }
        let raised: ChannelCloser.Raised = method == .notFound ? .notFound : .preconditionFailed
        do {
            switch try await ChannelCloser(rabbitmqctl: rabbitmqctl).close(id, raised) {
            case .closed: return .finished("channel \(id.number) of \(id.connection) closed: \(raised.rawValue)")
            case .missing: return .failed("the broker has no channel \(id.name)", advice: "It may just have closed.")
            case .alive:
                return .offersConnection(id, why: "the broker took the command, and the channel is still open")
            }
        } catch {
            if Task.isCancelled { return .cancelled("stopped while rabbitmqctl ran") }
            return .failed("rabbitmqctl: \(error)", advice: "Check that rabbitmqctl reaches the broker.")
        }
    }
}
