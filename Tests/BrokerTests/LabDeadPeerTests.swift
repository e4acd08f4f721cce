import BrokerSupport
import Experiments
import Lab
import Testing

@Suite(.timeLimit(.minutes(10))) struct LabDeadPeerTests {
    /// Both wait most of the time, and so they run beside each other.
    private static let runs = (
        heartbeat: run("heartbeat", ["heartbeats": .text("1, 2"), "slack": .number(4)]),
        none: run("no-heartbeat", ["observe": .number(3)])
    )

    private static func run(_ variant: String, _ changes: [String: LabValue]) -> Task<LabResult, any Error> {
        Task {
            let settings = try LabSettings(DeadPeer.description, changes)
            return try await LabRun(DeadPeer.self, variant: variant, settings: settings).run()
        }
    }

    private func trials(_ result: LabResult) -> [[String: LabValue]] {
        guard case .list(let trials) = result.details["trials"] else { return [] }
        return trials.compactMap { if case .object(let values) = $0 { values } else { nil } }
    }

    private func number(_ value: LabValue?) -> Double? { if case .number(let value) = value { value } else { nil } }

    @Test("With heartbeats each side notices within two to three intervals, and the consumer goes on")
    func heartbeat() async throws {
        let result = try await Self.runs.heartbeat.value
        #expect(result.verdict == .pass, "\(result.why)")
        let trials = trials(result)
        #expect(trials.count == 6)
        for trial in trials {
            let sides = [number(trial["client_noticed_s"]), number(trial["broker_noticed_s"])]
            let noticed = sides.compactMap(\.self)
            #expect(noticed.count == (trial["scene"] == .text("black-hole") ? 2 : 1), "\(trial)")
            #expect(trial["agreed_s"] == trial["heartbeat"])
            #expect(trial["recoveries"] == .integer(1), "\(trial)")
            if trial["scene"] != .text("broker-frozen") {
                #expect(trial["requeued"] == .integer(5) && trial["broker_logged"] == .flag(true), "\(trial)")
            }
        }
        let counts = result.ledger.counts
        #expect(counts.published == 36 && counts.distinct == 36 && counts.lost == 0)
        #expect(counts.duplicates >= 30)
        #expect(result.ledger.recoveries.count == 6)
        for seconds in [1, 2] {
            #expect(
                result.ledger.errors.contains { $0.text == "missed heartbeats from client, timeout: \(seconds)s" },
                "\(result.ledger.errors)")
        }
    }

    @Test("Without heartbeats nobody notices anything, and all goes on when the fault has ended")
    func noHeartbeat() async throws {
        let result = try await Self.runs.none.value
        #expect(result.verdict == .pass, "\(result.why)")
        let trials = trials(result)
        #expect(trials.count == 3)
        for trial in trials {
            #expect(trial["agreed_s"] == .integer(0))
            #expect(trial["client_noticed_s"] == .null && trial["broker_noticed_s"] == .null)
            #expect(trial["requeued"] == .integer(0) && trial["recoveries"] == .integer(0))
            #expect((number(trial["lasted_s"]) ?? 0) >= 2.99)
        }
        let counts = result.ledger.counts
        #expect(counts.published == 18 && counts.consumed == 18 && counts.duplicates == 0 && counts.lost == 0)
        #expect(result.ledger.errors.isEmpty, "\(result.ledger.errors)")
    }
}
