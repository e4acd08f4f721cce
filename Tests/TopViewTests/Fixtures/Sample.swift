import Faults
import Foundation
import Names
import Screen

@testable import TopCore

/// A broker on a busy morning: what the goldens show.
///
/// The state is made the way the program makes it, by events; nothing depends on the machine's clock, locale or chance.
enum Sample {
    /// 2026-11-21 08:30:00 UTC.
    static let now = Date(timeIntervalSince1970: 1_795_249_800)

    static func ago(_ seconds: Double) -> Date { now.addingTimeInterval(-seconds) }

    static let nodes: [Name] = ["rabbit@mq-a", "rabbit@mq-b", "rabbit@mq-c"]
    static let orders = EntityID(vhost: "/", name: "orders")
    static let billing: Name = "10.0.4.17:50640 -> 10.0.0.5:5672"
    static let shipping: Name = "10.0.4.23:41002 -> 10.0.0.5:5672"

    /// The whole fixture in one view.
    static func state(_ view: ViewID = .overview, size: Size = Size(width: 120, height: 40)) -> State {
        var state = base(size: size)
        state.view = view
        _ = update(&state, .tick, at: now)
        return state
    }

    /// A state with everything in it, made once.
    private static func base(size: Size) -> State {
        var state = full
        state.size = size
        return state
    }

    private static let full: State = {
        var options = State.Options()
        options.target = "mq.example.net:15672"
        var state = State(size: Size(width: 120, height: 40), options: options, now: ago(600))
        _ = update(&state, .snapshot(.vhosts(["/", "billing", "logistics", "telemetry"])), at: ago(600))
        // Ten minutes, a look every five seconds.
        for step in 0...119 {
            let age = Double(119 - step) * 5
            let at = ago(age + 0.4)
            feed(&state, .cluster(cluster(at: at, step: step)), at)
            if step >= 60 || (15..<45).contains(step) {
                feed(&state, .queueDepths(SampleRows.depths(at: at, step: step)), at)
                feed(&state, .queuesRich(SampleRows.rich(at: at, step: step)), at)
            }
        }
        feed(&state, .queuesLive(SampleRows.live(at: ago(0.2))), ago(0.2))
        feed(&state, .connections(SampleRows.connections(at: ago(1.8))), ago(0.2))
        feed(&state, .channels(SampleRows.channels(at: ago(1.8))), ago(0.2))
        feed(&state, .consumers(SampleRows.consumers(at: ago(1.8))), ago(0.2))
        feed(&state, .exchanges(SampleRows.exchanges(at: ago(1.8))), ago(0.2))
        for part in SampleRows.named(at: ago(1.8)) { feed(&state, .named(part), ago(0.2)) }
        feed(&state, .client(SampleRows.client(at: ago(0.2))), ago(0.2))
        for age in stride(from: 11.4, through: 0.4, by: -0.5) {
            feed(&state, .lab(SampleRows.lab(at: ago(age))), ago(age))
        }
        feed(&state, .sources(sources), ago(0.2))
        feed(
            &state,
            .cost(
                PollingCost(at: ago(1), httpRequestRate: 4.2, httpBusy: 0.031, declareRate: 120, bytesPerSecond: 48_200)
            ),
            ago(0.2))
        _ = update(&state, .entries(SampleRows.events, dropped: 0), at: ago(0.1))
        return state
    }()

    private static func feed(_ state: inout State, _ snapshot: Snapshot, _ at: Date) {
        _ = update(&state, .snapshot(snapshot), at: at)
    }

    static let sources: [SourceStatus] = [
        SourceStatus(name: .management, state: .live, lastSuccess: ago(1.8)),
        SourceStatus(name: .prometheus, node: nodes[0], state: .live, lastSuccess: ago(3.1)),
        SourceStatus(name: .prometheus, node: nodes[1], state: .live, lastSuccess: ago(3.2)),
        SourceStatus(name: .prometheus, node: nodes[2], state: .live, lastSuccess: ago(2.9)),
        SourceStatus(name: .amqp, state: .live, lastSuccess: ago(0.2), interval: 1),
        SourceStatus(name: .client, state: .live, lastSuccess: ago(0.2), interval: 1),
        SourceStatus(name: .logExchange, state: .live, lastSuccess: ago(0.5), interval: 5),
        SourceStatus(
            name: .eventExchange, state: .notEnabled, problem: "plugin rabbitmq_event_exchange is not enabled",
            advice: "rabbitmq-plugins enable rabbitmq_event_exchange"),
    ]

    /// A number between 0 and 1 that is the same on every machine.
    static func noise(_ seed: Int) -> Double {
        var x = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15
        x ^= x >> 31
        x = x &* 0xBF58_476D_1CE4_E5B9
        x ^= x >> 27
        return Double(x % 10_000) / 10_000
    }

    static func wave(_ step: Int, base: Double, swing: Double, period: Double, seed: Int) -> Double {
        base + swing * sin(Double(step) / period * 2 * .pi) + swing * 0.3 * (noise(step * 7 + seed) - 0.5)
    }

    static func cluster(at: Date, step: Int) -> ClusterPart {
        var overview = OverviewRow()
        // A consumer was slow for a while: a backlog grew and went down again, and grows now.
        let burst = step > 45 && step < 80 ? Double(min(step - 45, 80 - step)) * 6_000 : 0
        let growth = step > 100 ? Double(step - 100) * 3_500 : 0
        overview.ready = Int(wave(step, base: 1_180_000, swing: 30_000, period: 40, seed: 1) + burst + growth)
        overview.unacked = Int(wave(step, base: 3_100, swing: 600, period: 25, seed: 2))
        overview.messages = (overview.ready ?? 0) + (overview.unacked ?? 0)
        overview.publishRate = max(0, wave(step, base: 1_450, swing: 320, period: 30, seed: 3))
        overview.deliverRate = max(0, wave(step, base: 1_320, swing: 380, period: 34, seed: 4))
        overview.ackRate = max(0, (overview.deliverRate ?? 0) - 60)
        overview.connections = 214
        overview.channels = 1_892
        overview.queues = SampleRows.queues.count
        overview.consumers = 640
        overview.exchanges = 37
        overview.alarms = []
        overview.nodesRunning = 3
        overview.nodes = 3
        overview.connectionOpenRate = 0.4
        overview.connectionCloseRate = 0.2
        overview.channelOpenRate = 3.6
        overview.channelCloseRate = 3.4
        overview.unroutableRate = 0
        return ClusterPart(
            at: at, name: "production-eu", version: "3.13.7", user: "operator", overview: overview,
            nodes: nodeRows(step: step))
    }

    static func nodeRows(step: Int) -> [NodeRow] {
        nodes.enumerated().map { index, name in
            var node = NodeRow(name: name, running: true)
            node.version = "3.13.7"
            node.memory = [1_620_000_000, 2_240_000_000, 1_410_000_000][index] + step * 500_000
            node.memoryLimit = 3_435_973_836
            node.memoryAlarm = false
            node.diskFree = [52_400_000_000, 47_900_000_000, 51_100_000_000][index]
            node.diskFreeLimit = 50_000_000
            node.diskAlarm = false
            node.fileDescriptors = [412, 388, 401][index]
            node.fileDescriptorLimit = 65_536
            node.sockets = [96, 71, 47][index]
            node.processes = [4_212, 3_902, 3_780][index]
            node.uptime = [1_209_613, 1_209_588, 86_412][index]
            return node
        }
    }

    // MARK: Trouble

    /// A memory alarm, a node down, blocked connections.
    static func alarmed(_ view: ViewID, size: Size = Size(width: 120, height: 40)) -> State {
        var state = state(view, size: size)
        var part = cluster(at: ago(0.5), step: 119)
        part.overview.alarms = ["memory on rabbit@mq-b"]
        part.overview.nodesRunning = 2
        part.overview.publishRate = 0
        part.nodes[1].memory = 3_500_000_000
        part.nodes[1].memoryAlarm = true
        var down = NodeRow(name: nodes[2], running: false)
        down.version = nil
        part.nodes[2] = down
        _ = update(&state, .snapshot(.cluster(part)), at: now)
        return state
    }

    /// The management API does not answer any more, Prometheus is denied.
    static func lost(_ view: ViewID, size: Size = Size(width: 120, height: 40)) -> State {
        var state = state(view, size: size)
        var sources = sources
        sources[0].state = .stale
        sources[0].lastSuccess = ago(42)
        sources[0].problem = "connection refused by mq.example.net:15672"
        sources[0].advice = "is the node up? rabbitmqctl status"
        sources[1].state = .denied
        sources[1].problem = "401 from mq-a:15692"
        sources[1].advice = "give --prometheus-port or a user with the tag monitoring"
        sources[4].lastSuccess = ago(42)
        sources[4].state = .unreachable
        sources[4].problem = "connection refused by mq.example.net:5672"
        _ = update(&state, .snapshot(.sources(sources)), at: now.addingTimeInterval(42))
        return state
    }

    /// Faults in force; one of them could not be undone.
    static func faulty(_ view: ViewID, failing: Bool = false, size: Size = Size(width: 120, height: 40)) -> State {
        var state = state(view, size: size)
        var latency = FaultRecord(
            id: 3, fault: Fault("latency", on: FaultSelector(connection: "orders-service")),
            since: ago(36).timeIntervalSince1970, until: ago(-24).timeIntervalSince1970, state: .inForce, hits: 12)
        let swallow = FaultRecord(
            id: 5, fault: Fault("swallow", on: FaultSelector(connection: "shipping-worker-1", channel: 3)),
            since: ago(2).timeIntervalSince1970, until: nil, state: .inForce)
        let over = FaultRecord(
            id: 4, fault: Fault("close-channel"), since: ago(30).timeIntervalSince1970, until: nil, state: .done)
        if failing {
            latency.state = .undoFailed
            latency.note = "The proxy does not answer. It is tried again."
        }
        _ = update(&state, .snapshot(.faults([latency, over, swallow])), at: now)
        return state
    }

    /// Channels of which some pass through the proxy, with faults armed; the cursor is on one of those.
    static func permitted(size: Size = Size(width: 120, height: 40)) -> State {
        var state = state(.channels, size: size)
        state.options.faults = .permitted([.proxy, .broker])
        var part = SampleRows.channels(at: ago(1.8))
        for index in part.rows.indices where part.rows[index].id.connection == shipping {
            part.rows[index].proxySession = 12
        }
        _ = update(&state, .snapshot(.channels(part)), at: now)
        state.press(.character("/"))
        state.type("shipping-worker-1")
        state.press(.enter)
        state.press("G")
        return state
    }

    /// The form of a fault for that channel.
    static func faultForm(_ name: String, size: Size = Size(width: 120, height: 40)) -> State {
        var state = permitted(size: size)
        state.press("f")
        state.type(name)
        state.press(.enter)
        return state
    }

    static func frozen(_ view: ViewID, size: Size = Size(width: 120, height: 40)) -> State {
        var state = state(view, size: size)
        state.frozenAt = ago(75)
        return state
    }

    /// Nothing was heard yet.
    static func connecting(_ view: ViewID, size: Size = Size(width: 120, height: 40)) -> State {
        var options = State.Options()
        options.target = "mq.example.net:15672"
        var state = State(size: size, options: options, now: now)
        state.view = view
        state.sources = [
            SourceStatus(
                name: .management, state: .unreachable, problem: "connection refused by mq.example.net:15672",
                advice: "start the broker, or give -H and -P")
        ]
        return state
    }
}
