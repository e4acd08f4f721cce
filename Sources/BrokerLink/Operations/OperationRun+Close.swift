import RabbitMQClient
import RabbitMQManagement
import TopCore

extension OperationRun {
    /// The queue that nobody has: asking for it closes a channel with 404, and its name says who did it.
    static let missingQueue = "rabbittop-closed-this-channel-on-purpose"

    func closeChannel(_ id: ChannelID, _ method: CloseChannelMethod) async -> OperationReport {
        let report = context.own.report(with: context.configuration.registry)
        if let connection = report.connections.first(where: { $0.name == id.connection && $0.closedAt == nil }),
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
        let report = context.own.report(with: context.configuration.registry)
        guard let connection = report.connections.first(where: { $0.id == id.connection && $0.closedAt == nil }),
            connection.channels.contains(where: { $0.id == id.epoch && $0.closedAt == nil })
        else { return .failed("channel \(number) is closed already", advice: nil) }
        return await closeAnybodys(ChannelID(connection: connection.name, number: number), method)
    }

    private func find(connection: UInt64, channel: UInt64) -> AMQPChannel? {
        context.configuration.registry.channel(channel, ofConnection: connection)
            ?? context.own.watching.channel(channel, ofConnection: connection)
    }

    /// Closes a channel of this process by its own means.
    private func close(_ channel: AMQPChannel, _ method: CloseChannelMethod) async -> OperationReport {
        do throws(ClientError) {
            switch method {
            case .polite: try await channel.close(code: 200, text: "closed by rabbittop")
            case .notFound: _ = try await channel.declareQueuePassive(Self.missingQueue)
            case .preconditionFailed:
                // The broker has this exchange as direct, and refuses to have it otherwise; it changes nothing.
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
        let output: String
        do {
            output = try await rabbitmqctl(["eval", ChannelCloser.expression(closing: id, method)])
        } catch {
            if Task.isCancelled { return .cancelled("stopped while rabbitmqctl ran") }
            return .failed("rabbitmqctl: \(error)", advice: "Check that rabbitmqctl reaches the broker.")
        }
        let code = method == .notFound ? "404 NOT_FOUND" : "406 PRECONDITION_FAILED"
        switch ChannelCloser.outcome(output) {
        case .closed: return .finished("channel \(id.number) of \(id.connection) closed: \(code)")
        case .missing: return .failed("the broker has no channel \(id.name)", advice: "It may just have closed.")
        case .alive:
            return .offersConnection(id, why: "the broker took the command, and the channel is still open")
        case nil: return .failed("rabbitmqctl answered: \(output.prefix(200))", advice: nil)
        }
    }
}

/// The Erlang expression that makes the broker itself raise an error on one channel.
enum ChannelCloser {
    enum Outcome: Sendable { case closed, missing, alive }

    /// Names go in as lists of bytes, so that nothing in them can be taken for Erlang.
    static func expression(closing id: ChannelID, _ method: CloseChannelMethod) -> String {
        let request =
            switch method {
            case .polite, .preconditionFailed: "{'basic.ack', 987654321, false}"
            case .notFound:
                "{'queue.declare', 0, \(binary(OperationRun.missingQueue)), true, false, false, false, false, []}"
            }
        return """
            Name = \(binary(id.name)), \
            Rows = lists:append([L || N <- [node() | nodes()], L <- [rpc:call(N, ets, tab2list, [channel_created])], \
            is_list(L)]), \
            Ps = [element(1, R) || R <- Rows, is_tuple(R), tuple_size(R) >= 2, is_list(element(2, R)), \
            lists:member({name, Name}, element(2, R))], \
            Alive = fun(P) -> rpc:call(node(P), erlang, is_process_alive, [P]) =:= true end, \
            [rabbit_channel_common:do(P, \(request)) || P <- Ps], \
            Gone = fun W(0) -> false; W(K) -> case lists:any(Alive, Ps) of false -> true; \
            true -> timer:sleep(20), W(K - 1) end end, \
            case Ps of [] -> missing; _ -> case Gone(150) of true -> closed; false -> alive end end.
            """
    }

    static func outcome(_ output: String) -> Outcome? {
        switch output.split(whereSeparator: \.isWhitespace).last.map(String.init) {
        case "closed"?: .closed
        case "missing"?: .missing
        case "alive"?: .alive
        default: nil
        }
    }

    static func binary(_ text: String) -> String {
        "<<" + text.utf8.map { String($0) }.joined(separator: ",") + ">>"
    }
}
