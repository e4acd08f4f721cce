import Synchronization

/// Measures how long each part of the order service takes from an outage until it works again.
///
/// Each part counts its lives: the number increases whenever it was down and is up again. A part has recovered when it
/// works in a later life than the one that the outage interrupted.
final class RecoveryWatch: Sendable {
    enum Part: String, Sendable, CaseIterable {
        case publisher = "order publisher"
        case consumer = "order consumer"
        case database = "order store"
        case health = "/health"
    }

    private struct Round {
        var outage: RestartOutage
        var fault: LabFault
        /// The interrupted lives of the parts that have not recovered yet.
        var lives: [Part: Int]
    }

    private let recorder: RunRecorder
    private let round = Mutex<Round?>(nil)

    init(_ recorder: RunRecorder) {
        self.recorder = recorder
    }

    /// Begins an outage. `lives` contains the parts that are to recover from it.
    func begin(_ outage: RestartOutage, _ fault: LabFault, lives: [Part: Int]) {
        round.withLock { $0 = Round(outage: outage, fault: fault, lives: lives) }
    }

    /// Records that a part works in a life.
    func works(_ part: Part, life: Int) {
        let recovered: Round? = round.withLock { round in
            guard let met = round?.lives[part], life > met else { return nil }
            round?.lives[part] = nil
            return round
        }
        if let recovered {
            recorder.recovered(part.rawValue, from: recovered.outage.rawValue, seconds: recovered.fault.seconds)
        }
    }

    /// Waits until all parts work again.
    ///
    /// - Returns: the parts that do not, after `limit` or when the task is cancelled.
    func end(limit: Duration) async -> [Part] {
        let end = ContinuousClock.now + limit
        while pending.count > 0, ContinuousClock.now < end {
            do { try await Task.sleep(for: .milliseconds(20)) } catch { break }
        }
        return round.withLock { round in
            defer { round = nil }
            return round.map { Part.allCases.filter($0.lives.keys.contains) } ?? []
        }
    }

    private var pending: [Part] { round.withLock { Array(($0?.lives ?? [:]).keys) } }
}
