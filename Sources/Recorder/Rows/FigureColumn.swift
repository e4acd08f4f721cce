import TopCore

/// The figures that have a column of their own. The raw values are the names in the file.
enum FigureColumn: String, Sendable, CaseIterable {
    case ready, unacked, messages, consumers, memory
    case publishRate = "publish_rate"
    case deliverRate = "deliver_rate"
    case ackRate = "ack_rate"
    case redeliverRate = "redeliver_rate"
    case idleSince = "idle_since"
    case messageBytes = "message_bytes"
    case headMessageAt = "head_message_at"
    case channels
    case receiveRate = "recv_rate"
    case sendRate = "send_rate"
    case prefetch, unconfirmed
    case unroutableRate = "unroutable_rate"
    case consumerCapacity = "consumer_capacity"
    case returnedRate = "returned_rate"
    case droppedRate = "dropped_rate"
    case returned, dropped
    case proxyUnacked = "proxy_unacked"
    case proxyUnconfirmed = "proxy_unconfirmed"
    case inFlight = "in_flight"
    case bindingsOut = "bindings_out"
    case publishInRate = "publish_in_rate"
    case publishOutRate = "publish_out_rate"
    case memoryLimit = "memory_limit"
    case diskFree = "disk_free"
    case diskFreeLimit = "disk_free_limit"
    case fileDescriptors = "fds"
    case fileDescriptorLimit = "fds_limit"
    case sockets, processes
    case uptime = "uptime_s"
    case connections, queues, exchanges, nodes
    case nodesRunning = "nodes_running"
    case connectionOpenRate = "connection_open_rate"
    case connectionCloseRate = "connection_close_rate"
    case channelOpenRate = "channel_open_rate"
    case channelCloseRate = "channel_close_rate"
    case lastSuccess = "last_success"

    /// The unit of the stored integers, by which the views divide.
    enum Unit {
        case count
        /// Thousandths, of a rate or of seconds.
        case thousandths
        /// Milliseconds since 1970.
        case time
    }

    var unit: Unit {
        switch self {
        case .ready, .unacked, .messages, .consumers, .memory, .messageBytes, .channels, .prefetch, .unconfirmed,
            .proxyUnacked, .proxyUnconfirmed, .inFlight, .bindingsOut, .memoryLimit, .diskFree, .diskFreeLimit,
            .fileDescriptors, .fileDescriptorLimit, .sockets, .processes, .connections, .queues, .exchanges, .nodes,
            .nodesRunning, .returned, .dropped:
            .count
        case .publishRate, .deliverRate, .ackRate, .redeliverRate, .receiveRate, .sendRate, .unroutableRate,
            .publishInRate, .publishOutRate, .uptime, .connectionOpenRate, .connectionCloseRate, .channelOpenRate,
            .channelCloseRate, .consumerCapacity, .returnedRate, .droppedRate:
            .thousandths
        case .idleSince, .headMessageAt, .lastSuccess: .time
        }
    }

    /// The column of a figure of the charts.
    init(_ metric: History.Metric) {
        self =
            switch metric {
            case .ready: .ready
            case .unacked: .unacked
            case .publishRate: .publishRate
            case .deliverRate: .deliverRate
            case .ackRate: .ackRate
            case .consumers: .consumers
            case .receiveRate: .receiveRate
            case .sendRate: .sendRate
            case .memory: .memory
            case .redeliverRate: .redeliverRate
            case .diskFree: .diskFree
            }
    }
}
