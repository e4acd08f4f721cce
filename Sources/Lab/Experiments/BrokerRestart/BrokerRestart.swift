import Experiments
import LocalBroker
import RabbitMQClient

/// An order service whose broker is stopped, killed and frozen, and whose database is locked and moved away.
public struct BrokerRestart: Experiment {
    /// The implementation of the order service, one per variant of the same name.
    enum Kind: String, Sendable, CaseIterable {
        case fragile, robust
    }

    let context: LabContext
    let kind: Kind

    /// Creates the experiment for a run.
    public init(_ context: LabContext) {
        self.context = context
        kind = Kind(rawValue: context.variant) ?? .robust
    }

    /// Runs the variant.
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
            // Heartbeats are integer seconds in the protocol, so this is never scaled.
            frozen: heartbeat * settings.number("freeze-heartbeats"),
            databaseTime: settings.seconds("database-outage"))
    }

    /// How long the service may take to notice an outage after its end, or to recover from it: the longest wait between
    /// two attempts, plus a connect that gets no answer.
    var patience: Duration {
        heartbeat * 3 + context.settings.seconds("backoff-cap") + Self.connectTimeout + .seconds(10)
    }

    static let connectTimeout = Duration.seconds(5)

    /// Waits until a count reaches a number.
    func until(_ due: Int, _ count: @Sendable (LabCounts) -> Int) async {
        while count(context.recorder.counts) < due {
            do { try await Task.sleep(for: .milliseconds(10)) } catch { return }
        }
    }

    /// Makes the outage.
    ///
    /// - Returns: false if the broker did not come back, in which case the run ends.
    /// - Throws: if the database cannot be accessed.
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
