import AsyncHTTPClient
import ClientInspector
import Experiments
import Foundation
import NIOCore
import Synchronization

/// Polls an application's `/health`, and records changes.
final class HealthWatch: Sendable {
    /// An answer of `/health`.
    struct Answer: Sendable, Equatable {
        /// The HTTP status; 0 if there was no answer.
        var status: Int
        /// What is wrong with the broker, and with the database; nil if nothing is.
        var broker: String?
        var database: String?

        /// Whether two answers are equal apart from their texts, which change from attempt to attempt.
        func reads(as other: Answer) -> Bool {
            status == other.status && (broker == nil) == (other.broker == nil)
                && (database == nil) == (other.database == nil)
        }
    }

    struct Moment: Sendable, Equatable {
        /// Seconds from the start of the run.
        var at: Double
        var answer: Answer
    }

    private struct State {
        var timeline: [Moment] = []
        /// How often it was 503 and then 200 again.
        var lives = 0
    }

    private let recorder: RunRecorder
    private let interval: Duration
    private let onWell: @Sendable (Int) -> Void
    private let state = Mutex(State())

    /// - Parameter onWell: called whenever the status is 200, with the number of preceding outages.
    init(_ recorder: RunRecorder, interval: Duration, onWell: @escaping @Sendable (Int) -> Void) {
        self.recorder = recorder
        self.interval = interval
        self.onWell = onWell
    }

    var timeline: [Moment] { state.withLock { $0.timeline } }
    var lives: Int { state.withLock { $0.lives } }

    /// Polls until the task is cancelled.
    func run(_ address: InspectorAddress) async {
        while !Task.isCancelled {
            let answer = await Self.ask(address)
            if Task.isCancelled { return }
            see(answer, at: recorder.seconds)
            try? await Task.sleep(for: interval)
        }
    }

    func see(_ answer: Answer, at seconds: Double) {
        let (isNew, lives, timeline) = state.withLock { state in
            let last = state.timeline.last?.answer
            let isNew = last.map { !$0.reads(as: answer) } ?? true
            if answer.status == 200, let last, last.status != 200 { state.lives += 1 }
            if isNew { state.timeline.append(Moment(at: seconds, answer: answer)) }
            return (isNew, state.lives, state.timeline)
        }
        if isNew {
            tell(timeline)
            let troubles = [answer.broker.map { "broker: \($0)" }, answer.database.map { "database: \($0)" }]
            let words = troubles.compactMap { $0 }.joined(separator: "; ")
            recorder.note("/health says \(answer.status)\(words.isEmpty ? "" : ": \(words)")")
        }
        if answer.status == 200 { onWell(lives) }
    }

    // MARK: Asking

    private struct Body: Decodable {
        struct Part: Decodable {
            var why: String?
        }

        var broker: Part
        var checks: [String: Part]
    }

    static let databaseCheck = "database"

    private static func ask(_ address: InspectorAddress) async -> Answer {
        do {
            let request = HTTPClientRequest(url: "\(address)/health")
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(5))
            let bytes = try await response.body.collect(upTo: 1 << 20)
            let body = try JSONDecoder().decode(Body.self, from: Data(bytes.readableBytesView))
            return Answer(
                status: Int(response.status.code), broker: body.broker.why, database: body.checks[databaseCheck]?.why)
        } catch {
            return Answer(status: 0, broker: "no answer: \(error)")
        }
    }
}

extension HealthWatch {
    /// Writes the timeline into the ledger's details on each change, so that it is there if the run ends early.
    private func tell(_ timeline: [Moment]) {
        let outages = Self.outages(timeline)
        recorder.detail("health", Self.detail(timeline))
        recorder.detail("health_broker_outages", .integer(outages.broker))
        recorder.detail("health_database_outages", .integer(outages.database))
        recorder.detail("health_at_end", .integer(timeline.last?.answer.status ?? 0))
    }

    /// Returns the timeline for the ledger's details: `[{"at": 7.2, "status": 503, "broker": "…", "database": null},
    /// …]`.
    static func detail(_ timeline: [Moment]) -> LabValue {
        .list(
            timeline.map { moment in
                .object([
                    "at": .number((moment.at * 1_000).rounded() / 1_000),
                    "status": .integer(moment.answer.status),
                    "broker": moment.answer.broker.map(LabValue.text) ?? .null,
                    "database": moment.answer.database.map(LabValue.text) ?? .null,
                ])
            })
    }

    /// Returns how often only the broker became unavailable, and how often only the database.
    static func outages(_ timeline: [Moment]) -> (broker: Int, database: Int) {
        let bad = timeline.map(\.answer).filter { $0.status == 503 }
        return (
            bad.count { $0.broker != nil && $0.database == nil }, bad.count { $0.broker == nil && $0.database != nil }
        )
    }
}
