import LocalBroker
import Synchronization

/// An outage that the order service has to survive.
enum RestartOutage: String, Sendable, CaseIterable {
    /// The broker is shut down in order and started again: connections are closed with 320.
    case restart
    /// The broker's process is killed (SIGKILL) and started again: sockets end without a close.
    case kill
    /// The broker's process is stopped (SIGSTOP) and continued later: sockets stay open, and nothing answers.
    case freeze
    /// Another connection holds an exclusive transaction on the database.
    case databaseLocked = "database-locked"
    /// The database's file is moved away, and back later.
    case databaseGone = "database-gone"

    var storeFault: StoreFault.Kind? {
        switch self {
        case .restart, .kill, .freeze: nil
        case .databaseLocked: .locked
        case .databaseGone: .gone
        }
    }

    var isOfBroker: Bool { storeFault == nil }

    var story: String {
        switch self {
        case .restart: "the broker is stopped and started"
        case .kill: "the broker is killed and started again"
        case .freeze: "the broker is frozen"
        case .databaseLocked: "the database is locked by another connection"
        case .databaseGone: "the database's file is moved away"
        }
    }

    /// Parses a setting: names separated by commas.
    static func list(_ text: String) throws(LabError) -> [RestartOutage] {
        var outages: [RestartOutage] = []
        for name in text.split(separator: ",").map({ $0.filter { !$0.isWhitespace } }) {
            guard let outage = RestartOutage(rawValue: name) else {
                throw LabError(
                    .usage, "There is no outage '\(name)'.",
                    advice: "There are: \(allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            outages.append(outage)
        }
        if outages.isEmpty {
            throw LabError(
                .usage, "No outage is named.",
                advice: "There are: \(allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return outages
    }
}

/// Makes outages, and ends them.
struct OutageMaker: Sendable {
    let node: BrokerNode
    let database: String
    /// How long the broker is down between its end and its start.
    let downtime: Duration
    /// How long it is frozen.
    let frozen: Duration
    /// How long the database is locked, or moved away.
    let databaseTime: Duration

    /// Makes an outage, holds it, and ends it; also ends it if the task is cancelled.
    ///
    /// - Throws: if the broker does not come back, or the database cannot be accessed.
    func make(_ outage: RestartOutage) async throws(LabError) {
        if let kind = outage.storeFault { return try await makeStoreFault(kind) }
        do throws(BrokerNodeError) {
            switch outage {
            case .restart:
                try await node.stop()
                try? await Task.sleep(for: downtime)
                try await node.start()
            case .kill:
                try await node.kill()
                try? await Task.sleep(for: downtime)
                try await node.start()
            case .freeze:
                try await node.freeze()
                try? await Task.sleep(for: frozen)
                try await node.thaw()
            case .databaseLocked, .databaseGone: break
            }
        } catch {
            throw LabError(error)
        }
    }

    private func makeStoreFault(_ kind: StoreFault.Kind) async throws(LabError) {
        do throws(OrderStoreError) {
            let fault = try await StoreFault.begin(kind, path: database)
            try? await Task.sleep(for: databaseTime)
            try await fault.end()
        } catch {
            throw LabError(error)
        }
    }
}

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
