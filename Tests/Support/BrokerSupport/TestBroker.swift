import Foundation
import LocalBroker

/// A real broker for tests.
///
/// `shared()` is one node for all suites of the test process: it is started once, when the first test asks for
/// it, and ends with the process. A test that uses it makes its own queues, with `uniqueName`, or its own vhost.
/// A test that kills, stops, freezes or alarms a node shares one with others of its kind, with `withRestartable`. A test
/// that reconfigures a node, or needs one that nobody has used, starts one of its own, with `withBroker`.
public struct TestBroker: Sendable {
    public let node: BrokerNode

    public var host: String { "127.0.0.1" }
    public var amqpPort: Int { node.ports.amqp }
    public var amqpURI: String { node.amqpURI }
    public var managementURL: URL { node.managementURL ?? URL(fileURLWithPath: "/no/management/plugin") }
    public var prometheusURL: URL { node.prometheusURL ?? URL(fileURLWithPath: "/no/prometheus/plugin") }
    public let user = "guest"
    public let password = "guest"

    public init(node: BrokerNode) {
        self.node = node
    }

    /// The node that all tests of this process share.
    public static func shared() async throws -> TestBroker {
        try await SharedNode.instance.broker()
    }

    /// A node of the caller's own. It goes when the last reference to it does; better is ``withBroker(_:_:)``.
    public static func fresh(_ options: BrokerNode.Options = .init()) async throws -> TestBroker {
        try await StartGate.instance.pass { TestBroker(node: try await BrokerNode.start(options)) }
    }

    /// Makes sure that what was declared is on disk. Mnesia, in which RabbitMQ 3 keeps definitions, writes its last
    /// transactions some two seconds late: a SIGKILL before that loses a durable queue that was just declared, and every
    /// confirmed message in it.
    public func syncDeclarations() async throws {
        try await node.evaluate("mnesia:sync_log().")
    }

    /// Makes sure that the shared node has its log exchange. Erlang's logger takes a handler away that failed once, as
    /// RabbitMQ's may on a machine that is overloaded, and the exchange goes with it.
    public func ensureLogExchange() async throws {
        if (try? await node.waitForLogExchange(deadline: .seconds(1))) != nil { return }
        try await node.evaluate(
            """
            [logger:add_handler(maps:get(id, C), maps:get(module, C), C) || \
            C <- persistent_term:get(rabbittop_log_exchange, [])].
            """)
        try await node.waitForLogExchange()
    }

    fileprivate func rememberLogExchange() async throws {
        try await node.evaluate(
            """
            persistent_term:put(rabbittop_log_exchange, \
            [C || C = #{module := rabbit_logger_exchange_h} <- logger:get_handler_config()]).
            """)
    }

    /// Runs the body with a node of its own, which is gone when this returns.
    public static func withBroker<Result>(
        _ options: BrokerNode.Options = .init(), _ body: (TestBroker) async throws -> Result
    ) async throws -> Result {
        let broker = try await fresh(options)
        do {
            let result = try await body(broker)
            await broker.node.remove()
            return result
        } catch {
            await broker.node.remove()
            throw error
        }
    }
}

extension TestBroker {
    /// Without plugins: what AMQP alone needs.
    public static let bare = BrokerNode.Options { $0.plugins = [] }

    /// With the management API and a TLS listener.
    public static let tls = BrokerNode.Options {
        $0.plugins = [.management]
        $0.tls = true
    }

    /// Runs the body with a node that tests share which kill, stop, freeze or alarm it, one after the other; for each set
    /// of options there is one. The node runs when the body begins, and no alarm is set: the body takes back what it did.
    /// With the management API, its queues, vhosts and users are those of a new node; without, durable queues of earlier
    /// tests may be there, so names are the test's own.
    public static func withRestartable<Result>(
        _ options: BrokerNode.Options = bare, _ body: (TestBroker) async throws -> Result
    ) async throws -> Result {
        let node = await RestartableNodes.instance.node(options)
        let broker = try await node.take()
        do {
            let result = try await body(broker)
            await node.giveBack(broker)
            return result
        } catch {
            await broker.node.remove()
            await node.giveBack(nil)
            throw error
        }
    }

    /// Deletes what tests made: every vhost and user that a new node has not, and the queues of the vhost `/`.
    fileprivate func empty() async throws {
        for (list, kept) in [("vhosts", "/"), ("users", user)] {
            for name in try await names(list) where name != kept {
                try await expectSuccess("DELETE", "\(list)/\(Self.encoded(name))")
            }
        }
        for name in try await names("queues/%2F") {
            // One that is exclusive or expires may go by itself meanwhile.
            _ = try await management("DELETE", "queues/%2F/\(Self.encoded(name))")
        }
    }

    private func names(_ list: String) async throws -> [String] {
        let answer = try await management("GET", "\(list)?columns=name")
        guard let rows = answer.json as? [[String: Any]] else {
            throw Refused(description: "GET /api/\(list): \(answer.status)")
        }
        return rows.compactMap { $0["name"] as? String }
    }
}

private actor RestartableNodes {
    static let instance = RestartableNodes()

    private var nodes: [(options: BrokerNode.Options, node: RestartableNode)] = []

    func node(_ options: BrokerNode.Options) -> RestartableNode {
        if let known = nodes.first(where: { $0.options == options }) { return known.node }
        let node = RestartableNode(options)
        nodes.append((options, node))
        return node
    }
}

private actor RestartableNode {
    private let options: BrokerNode.Options
    private var broker: TestBroker?
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ options: BrokerNode.Options) {
        self.options = options
    }

    func take() async throws -> TestBroker {
        while isTaken { await withCheckedContinuation { waiting.append($0) } }
        isTaken = true
        do {
            if let broker {
                switch await broker.node.status {
                case .running: break
                case .frozen: try await broker.node.thaw()
                case .stopped: try await broker.node.start()
                }
                if options.plugins.contains(.management) { try await broker.empty() }
                return broker
            }
            let started = try await TestBroker.fresh(options)
            broker = started
            return started
        } catch {
            await broker?.node.remove()
            giveBack(nil)
            throw error
        }
    }

    /// - Parameter broker: nil for one that was removed.
    func giveBack(_ broker: TestBroker?) {
        self.broker = broker
        isTaken = false
        if !waiting.isEmpty { waiting.removeFirst().resume() }
    }
}

/// A name that no other test uses.
public func uniqueName(_ stem: String) -> String {
    "\(stem)-\(UUID().uuidString.prefix(8).lowercased())"
}

private actor SharedNode {
    static let instance = SharedNode()

    private var start: Task<TestBroker, any Error>?

    func broker() async throws -> TestBroker {
        if let start { return try await start.value }
        // Detached, so that the first test's time limit or cancellation is not everybody's.
        let start = Task.detached { try await Self.withLogExchange() }
        self.start = start
        do {
            return try await start.value
        } catch {
            self.start = nil
            throw error
        }
    }

    /// Statistics each second, not every five: tests wait for a connection, channel or queue to be listed. A node of
    /// `withRestartable` has the usual five.
    private static let options = BrokerNode.Options {
        $0.configuration = ["collect_statistics_interval = 1000"]
        // The management API looks at them as often as its closest samples are apart: for 605 seconds, here, by one.
        $0.advancedTerms = [
            """
            {rabbitmq_management_agent, [{sample_retention_policies, \
            [{global, [{605, 1}, {3660, 60}, {29400, 600}, {86400, 1800}]}, \
            {basic, [{605, 1}, {3600, 60}]}, {detailed, [{605, 1}]}]}]}
            """
        ]
    }

    /// A node with its log exchange: now and then RabbitMQ 3.10 comes up without it, and some tests live on it.
    private static func withLogExchange() async throws -> TestBroker {
        let first = try await TestBroker.fresh(options)
        if (try? await first.node.waitForLogExchange()) != nil {
            try await first.rememberLogExchange()
            return first
        }
        await first.node.remove()
        let second = try await TestBroker.fresh(options)
        try await second.node.waitForLogExchange()
        try await second.rememberLogExchange()
        return second
    }
}

/// Lets two nodes start at a time: a start is seconds of work for a core, and many at once all miss their deadline.
private actor StartGate {
    static let instance = StartGate()

    private var free = 2
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func pass<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
        defer {
            if waiting.isEmpty {
                free += 1
            } else {
                waiting.removeFirst().resume()
            }
        }
        return try await body()
    }
}
