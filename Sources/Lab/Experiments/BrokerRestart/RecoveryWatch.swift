import Synchronization

/// Measures how long it takes from an outage until each part of the order service works again.
///
/// A part has lives: a number that grows whenever it was down and is up again. It has recovered when it works in a later life
/// than the one in which the outage met it.
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
        /// The life in which the outage met them, of those that are still awaited.
        var lives: [Part: Int]
    }

    private let recorder: RunRecorder
    private let round = Mutex<Round?>(nil)

    init(_ recorder: RunRecorder) {
        self.recorder = recorder
    }

    /// An outage begins. `lives` has who is to recover from it.
    func begin(_ outage: RestartOutage, _ fault: LabFault, lives: [Part: Int]) {
        round.withLock { $0 = Round(outage: outage, fault: fault, lives: lives) }
    }

    /// It does its work, in this life.
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

    /// Waits until all work again.
    ///
    /// - Returns: who does not, after `limit` or when the task is cancelled.
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
