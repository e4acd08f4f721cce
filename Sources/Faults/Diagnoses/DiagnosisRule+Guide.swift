extension DiagnosisRule {
    /// What the documentation says of a rule, in Markdown.
    public struct Guide: Sendable, Equatable {
        /// How serious its findings are.
        public var severity: String
        /// What is found, with its thresholds.
        public var meaning: String
        /// Which figures it needs. Without them nothing is found, and nothing is called healthy.
        public var needs: String
        /// What to do.
        public var advice: String
    }

    /// What the documentation says of the rule.
    public var guide: Guide {
        let patience = Diagnosis.Patience()
        typealias Limit = Diagnosis.Limit
        func seconds(_ value: Double) -> String { Diagnosis.words(value) }
        func percent(_ part: Double) -> String { "\(Diagnosis.figure(part * 100))%" }
        func guide(_ severity: String, _ meaning: String, needs: String, _ advice: String) -> Guide {
            Guide(severity: severity, meaning: meaning, needs: needs, advice: advice)
        }
        switch self {
        case .unknownChannel:
            return guide(
                "critical",
                "a client or the proxy has a channel open that the broker has not known for "
                    + seconds(patience.unknownChannel), needs: "`--attach`, the demo or the proxy",
                "close the channel, or restart the application")
        case .fullPrefetch:
            return guide(
                "warning",
                "a channel holds its whole prefetch and has acknowledged nothing for "
                    + seconds(patience.prefetch), needs: "channels, consumers",
                "see what the application waits for; `x` gives the messages back")
        case .silentConsumer:
            return guide(
                "warning",
                "a consumer with room gets nothing for \(seconds(patience.silence)) while its queue has messages",
                needs: "queues, channels, consumers", "see whether its connection still answers")
        case .lostConsumer:
            return guide(
                "warning", "a consumer ended \(seconds(patience.loss)) ago, and a channel of its number is open",
                needs: "channels, consumers", "let the application subscribe anew")
        case .consumerTimeout:
            return guide(
                "warning",
                "a channel has settled none of its deliveries for \(percent(Limit.consumerTimeoutPart)) of the consumer "
                    + "timeout (\(seconds(Limit.consumerTimeout)) unless the queue or consumer has another); critical beyond it",
                needs: "channels, consumers; one delivery among others that are settled cannot be seen",
                "see what the application waits for, or raise the timeout")
        case .greedyConsumer:
            return guide(
                "warning",
                "one of several consumers takes \(percent(Limit.greed)) of a queue's deliveries or unacked messages, and "
                    + "others nothing, for \(seconds(patience.greed))",
                needs: "channels, consumers; not with a single active consumer, with priorities, or where a channel "
                    + "serves several queues", "set or lower its prefetch")
        case .redeliveryLoop:
            return guide(
                "warning",
                "\(percent(Limit.redeliveries)) of the deliveries come again, and hardly one is acknowledged, for "
                    + seconds(patience.redelivery), needs: "channels, or the details of a queue",
                "reject without requeue, or set a delivery limit")
        case .blockedPublisher:
            return guide(
                "warning", "a connection publishes and the broker does not read from it", needs: "connections",
                "look for an alarm")
        case .unroutable:
            return guide(
                "warning",
                "publishes reach no queue; over when there was none for \(seconds(patience.unroutable))",
                needs:
                    "channels; exchanges from Prometheus; the routing key from returned messages of the proxy or our own "
                    + "client; else the cluster's total", "compare exchange and routing key with the bindings")
        case .connectionChurn:
            return guide(
                "warning",
                "\(Diagnosis.figure(patience.connectionsPerSecond)) connections or more are opened and closed per second, for "
                    + seconds(patience.churn), needs: "overview", "keep one connection open")
        case .channelChurn:
            return guide(
                "warning",
                "\(Diagnosis.figure(patience.channelsPerSecond)) channels or more are opened and closed per second, for "
                    + seconds(patience.churn), needs: "overview", "keep channels open, or take them from a pool")
        case .growingQueue:
            return guide(
                "warning", "a queue without consumers grows for \(seconds(patience.growth))", needs: "queues",
                "start its consumer, or give it a limit")
        case .queueLimit:
            return guide(
                "warning",
                "a queue has \(percent(Limit.queueLength)) of its `max-length` or `max-length-bytes`; critical when it is "
                    + "full and refuses messages", needs: "details of the queue",
                "consume faster, or raise the limit")
        case .fillsUp:
            return guide(
                "warning",
                "a queue reaches its `max-length`, or a node its memory or disk limit, within \(seconds(Limit.horizon)), if "
                    + "it goes on as steadily as in the last minutes", needs: "queues and their details; nodes",
                "add consumers, or slow the publishers")
        case .oldMessage:
            return guide(
                "warning",
                "the oldest message of a queue with consumers is \(seconds(Limit.messageAge)) old by its timestamp",
                needs: "details of a classic queue; a timestamp set by the publisher", "add consumers")
        case .missingMember:
            return guide(
                "warning", "a quorum queue or stream lacks members; critical without a majority of them",
                needs: "details of the queue", "start the missing nodes")
        case .laggingMember:
            return guide(
                "warning",
                "a member of a quorum queue lacks, in two reports in a row, what was committed "
                    + "\(seconds(Diagnosis.memberLag)) before", needs: "Prometheus of all nodes; several nodes",
                "see the node's disk and network; until it has caught up, the loss of another node can stop the queue")
        case .growingLag:
            return guide(
                "warning",
                "a consumer of a stream falls behind steadily for \(seconds(patience.lag)), by "
                    + "\(Limit.lagMessages) messages or more",
                needs:
                    "consumers of the stream protocol; `rabbitmq_stream_management`, or Prometheus since RabbitMQ 4.0",
                "add consumers, or partition the stream; messages beyond its retention are lost to it")
        case .queueState:
            return guide(
                "critical", "a queue is down, stopped or crashed; warning in another state but running, idle or flow",
                needs: "details of the queue", "see its node and the node's log")
        case .vhostState:
            return guide(
                "critical", "a vhost does not run on a node", needs: "vhosts", "see the node's log; restart the vhost")
        case .alarm:
            return guide(
                "critical", "a memory or disk alarm is set on a node", needs: "nodes",
                "drain queues, free disk space")
        case .nodeLimit:
            return guide(
                "warning",
                "a node uses \(percent(Limit.memory)) of its memory limit, or its free disk space is below "
                    + "\(Diagnosis.figure(Limit.disk)) times the limit; the alarm is not set yet", needs: "nodes",
                "drain queues, free disk space")
        case .nodeDown:
            return guide("critical", "a node of the cluster does not run", needs: "nodes", "start it")
        case .maintenance:
            return guide(
                "warning", "a node is in maintenance mode", needs: "nodes", "revive it when the work is done")
        case .partition:
            return guide(
                "critical", "a node is partitioned from others", needs: "nodes",
                "mend the network, then restart the side that you trust less")
        case .source:
            return guide(
                "warning", "a source does not answer any more; critical for the management API", needs: "nothing",
                "see whether the broker runs")
        case .userRule:
            return guide(
                "as the rule says", "a [rule of the configuration](scripting.md#rules-of-your-own) holds for a row",
                needs: "what the rule asks for", "what the rule is for")
        }
    }
}
