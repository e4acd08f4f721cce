import LocalBroker
import RabbitMQClient

/// An order service while its broker is stopped, killed and frozen, and its database locked and moved away.
public struct BrokerRestart: Experiment {
    /// How the order service is written; a variant of that name.
    enum Kind: String, Sendable, CaseIterable {
        case fragile, robust
    }

    let context: LabContext
    let kind: Kind

    public init(_ context: LabContext) {
        self.context = context
        kind = Kind(rawValue: context.variant) ?? .robust
    }

    public func run() async throws(LabError) {
        guard let node = context.broker.node else {
            throw LabError(.usage, "This experiment stops its broker, and runs on a private one only.")
        }
        let outages = try RestartOutage.list(context.settings.text("outages"))
        switch kind {
        case .fragile: try await runFragile(outages, on: node)
        case .robust: try await runRobust(outages, on: node)
        }
    }

    // MARK: What both have

    var orders: Int { context.settings.integer("orders") }

    var heartbeat: Duration { .seconds(context.settings.integer("heartbeat")) }

    func maker(_ node: BrokerNode, database: String) -> OutageMaker {
        let settings = context.settings
        return OutageMaker(
            node: node, database: database, downtime: settings.seconds("downtime"),
            // Heartbeats are whole seconds on the wire, and so this is never scaled.
            frozen: heartbeat * settings.number("freeze-heartbeats"),
            databaseTime: settings.seconds("database-outage"))
    }

    /// How long the service is given to notice an outage that is over, or to recover from it: the longest wait between two
    /// attempts, and a connect that finds nobody.
    var patience: Duration {
        heartbeat * 3 + context.settings.seconds("backoff-cap") + Self.connectTimeout + .seconds(10)
    }

    static let connectTimeout = Duration.seconds(5)

    /// Waits until so many orders have come so far.
    func until(_ due: Int, _ count: @Sendable (LabCounts) -> Int) async {
        while count(context.recorder.counts) < due {
            do { try await Task.sleep(for: .milliseconds(10)) } catch { return }
        }
    }

    /// Makes the outage.
    ///
    /// - Returns: false when the broker did not come back: there is nothing more to be done then. - Throws: when the database
    ///   cannot be had.
    func make(_ outage: RestartOutage, _ fault: LabFault, by maker: OutageMaker) async throws(LabError) -> Bool {
        do throws(LabError) {
            try await maker.make(outage)
            fault.ended()
            return true
        } catch {
            fault.ended()
            guard outage.isOfBroker else { throw error }
            if !Task.isCancelled {
                context.recorder.error(.connection, code: nil, text: error.message, application: "the lab")
                context.recorder.note("the broker did not come back: \(error.message)")
            }
            return false
        }
    }
}
