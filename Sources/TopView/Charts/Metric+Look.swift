import TopCore

/// How a figure is drawn and named in charts.
extension History.Metric {
    var title: String {
        switch self {
        case .ready: "Ready"
        case .unacked: "Unacked"
        case .publishRate: "Publish"
        case .deliverRate: "Deliver"
        case .ackRate: "Ack"
        case .redeliverRate: "Redeliver"
        case .consumers: "Consumers"
        case .receiveRate: "Received"
        case .sendRate: "Sent"
        case .memory: "Memory"
        case .diskFree: "Disk free"
        }
    }

    /// The name in a legend.
    var name: String { title.lowercased() }

    /// The unit in a chart's title; empty where the values show it.
    var unit: String { kind == .rate ? "/s" : "" }

    var kind: ColumnKind {
        switch self {
        case .ready, .unacked, .consumers: .count
        case .publishRate, .deliverRate, .ackRate, .redeliverRate: .rate
        case .receiveRate, .sendRate: .bytesPerSecond
        case .memory, .diskFree: .bytes
        }
    }

    var role: Role {
        switch self {
        case .ready, .memory, .diskFree, .consumers: .ready
        case .unacked: .unacked
        case .publishRate, .receiveRate: .publish
        case .deliverRate, .sendRate: .deliver
        case .ackRate: .ack
        case .redeliverRate: .warning
        }
    }

    /// The style of a curve that is alone in its chart.
    var style: Plot.Curve {
        switch self {
        case .ready, .unacked, .consumers, .memory, .diskFree: .area
        case .publishRate, .deliverRate, .ackRate, .redeliverRate, .receiveRate, .sendRate: .line
        }
    }
}
