public import Faults
import Foundation
import Names
public import RabbitMQManagement

/// Keeps on disk what undoes the faults on brokers that are in force, so that the next start can undo what a crash left.
///
/// Several processes share it; what a living one has in force is its own. No passwords are in it.
public struct FaultJournal: Sendable {
    private let file: JournalFile
    private let owner: JournalEntry.Owner?

    public init(path: String) {
        self.init(path: path, owner: .current)
    }

    init(path: String, owner: JournalEntry.Owner?) {
        file = JournalFile(path: path)
        self.owner = owner
    }

    /// `$XDG_STATE_HOME/rabbittop/faults.jsonl`, or below `~/.local/state` where that is not set.
    ///
    /// Source: <https://specifications.freedesktop.org/basedir-spec/latest/>: a path that is not absolute counts as not set.
    public static func standard(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> FaultJournal {
        let state =
            environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? (environment["HOME"] ?? NSHomeDirectory()) + "/.local/state"
        return FaultJournal(path: state + "/rabbittop/faults.jsonl")
    }

    public var path: String { file.path }

    /// Writes down what undoes a fault, before it is done.
    ///
    /// - Throws: `FaultError` when that cannot be written, or when the same thing is changed by another fault already.
    func add(_ repair: BrokerRepair, of fault: String, on broker: BrokerIdentity) async throws(FaultError) -> String {
        guard let owner else {
            throw FaultError("This process cannot be told from others.", advice: "It needs /proc.")
        }
        let entry = JournalEntry(fault: fault, broker: broker, owner: owner, repair: repair)
        try await file.add(entry) { entries in
            guard
                let other = entries.first(where: { $0.broker == broker && $0.repair.target == repair.target })
            else { return nil }
            let problem = "A fault has changed \(repair.target) already: \(other.fault)."
            if other.owner == owner { return FaultError(problem, advice: "Undo that first.") }
            return FaultError(
                problem,
                advice: other.owner.isAlive
                    ? "Undo it first in the rabbittop that did it, process \(other.owner.process.id)."
                    : "It was left behind by a rabbittop that is gone: undo it first.")
        }
        return entry.id
    }

    /// Takes an entry away whose fault is undone. One that stays does no harm: what is put back already is left as it is.
    ///
    /// - Returns: nothing, or what to add to the words of the undo.
    func removeIfPossible(_ id: String) async -> String {
        do throws(FaultError) {
            try await remove(id)
            return ""
        } catch {
            return "; the journal still has it: \(error.problem)"
        }
    }

    func remove(_ id: String) async throws(FaultError) {
        try await file.remove([id])
    }

    /// What was left on this broker by those that are gone: what the journal knows, and policies of that name.
    public func left(on management: ManagementClient) async throws(FaultError) -> [LeftBehind] {
        let broker = try await asFault { () throws(ManagementError) in try await BrokerIdentity(asking: management) }
        let entries = try await file.read().filter { $0.broker == broker }
        var left = entries.filter { !$0.owner.isAlive }.map { entry in
            LeftBehind(id: entry.id, fault: entry.fault, at: entry.at, repair: entry.repair, isInJournal: true)
        }
        var known: Set<[Name]> = []
        for case .policy(let vhost, _, let name) in entries.map(\.repair) { known.insert([vhost, name]) }
        for policy in try await policies(management)
        where policy.name.hasPrefix(BrokerRepair.policyPrefix) && !known.contains([policy.vhost, policy.name]) {
            left.append(
                LeftBehind(
                    id: "\(policy.vhost) \(policy.name)", fault: "policy", at: nil,
                    repair: .policy(vhost: policy.vhost, queue: "", name: policy.name), isInJournal: false))
        }
        return left
    }

    /// How many entries there are of those that are gone, on whichever broker: no broker is asked.
    public func abandoned() async -> Int {
        ((try? await file.read()) ?? []).count { !$0.owner.isAlive }
    }

    private func policies(_ management: ManagementClient) async throws(FaultError) -> [PolicyInfo] {
        do throws(ManagementError) {
            return try await management.policies().items
        } catch {
            // Who may not see policies can have set none.
            if error.code == .notPermitted { return [] }
            throw FaultError(error)
        }
    }

    /// Undoes what was left.
    ///
    /// - Returns: what came of it, in words. - Throws: `FaultError`; it can be tried again.
    public func undo(_ left: LeftBehind, on management: ManagementClient) async throws(FaultError) -> String {
        let words = try await asFault { () throws(ManagementError) in
            try await left.repair.carryOut(on: management)
        }
        guard left.isInJournal else { return words }
        return words + (await removeIfPossible(left.id))
    }
}

/// A fault on a broker that is still in force, although the rabbittop that injected it is gone.
public struct LeftBehind: Sendable, Hashable, Identifiable {
    public let id: String
    /// The fault's name in the catalogue; `policy` when that is not known.
    public let fault: String
    /// When it was injected, in seconds since 1970, where that is known.
    public let at: Double?
    let repair: BrokerRepair
    /// False when a name on the broker is all that is known: it may be in force from another machine.
    public let isInJournal: Bool

    init(id: String, fault: String, at: Double?, repair: BrokerRepair, isInJournal: Bool) {
        self.id = id
        self.fault = fault
        self.at = at
        self.repair = repair
        self.isInJournal = isInJournal
    }

    /// What is in force, in words.
    public var words: String {
        isInJournal ? repair.words : repair.words + ", perhaps in force from another machine"
    }
}
