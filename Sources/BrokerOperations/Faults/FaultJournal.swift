public import Faults
import Foundation
import Names
public import RabbitMQManagement

/// Keeps on disk what undoes the faults on brokers that are in force, so that they can be undone after a crash.
///
/// Several processes share the file; the faults of a running process belong to it. The file contains no passwords.
public struct FaultJournal: Sendable {
    private let file: JournalFile
    private let owner: JournalEntry.Owner?

    /// Creates a journal in the file at a path.
    public init(path: String) {
        self.init(path: path, owner: .current)
    }

    init(path: String, owner: JournalEntry.Owner?) {
        file = JournalFile(path: path)
        self.owner = owner
    }

    /// Returns the journal at `$XDG_STATE_HOME/rabbittop/faults.jsonl`, or below `~/.local/state` if the variable is
    /// not set.
    ///
    /// Source: <https://specifications.freedesktop.org/basedir-spec/latest/>: a path that is not absolute counts as not
    /// set.
    public static func standard(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> FaultJournal {
        let state =
            environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? (environment["HOME"] ?? NSHomeDirectory()) + "/.local/state"
        return FaultJournal(path: state + "/rabbittop/faults.jsonl")
    }

    /// The path of the journal's file.
    public var path: String { file.path }

    /// Records what undoes a fault, before the fault is injected.
    ///
    /// - Throws: `FaultError` if it cannot be written, or if another fault has changed the same target already.
    func add(_ repair: BrokerRepair, of fault: String, on broker: BrokerIdentity) async throws(FaultError) -> String {
        guard let owner else {
            throw FaultError("This process cannot be identified.", advice: "It needs /proc.")
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

    /// Removes the entry of a fault that is undone. An entry that remains does no harm, because restoring changes
    /// nothing then.
    ///
    /// - Returns: an empty text, or an addition to the description of the undo.
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

    /// Returns the faults on this broker that ended processes left behind: the journal's entries, and policies with the
    /// prefix.
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

    /// Returns the number of entries that ended processes left behind, on any broker, without a request to a broker.
    public func abandoned() async -> Int {
        ((try? await file.read()) ?? []).count { !$0.owner.isAlive }
    }

    private func policies(_ management: ManagementClient) async throws(FaultError) -> [PolicyInfo] {
        do throws(ManagementError) {
            return try await management.policies().items
        } catch {
            // A user without access to policies cannot have set any.
            if error.code == .notPermitted { return [] }
            throw FaultError(error)
        }
    }

    /// Undoes a fault that was left behind.
    ///
    /// - Returns: the outcome as text.
    /// - Throws: `FaultError`; the undo can be tried again.
    public func undo(_ left: LeftBehind, on management: ManagementClient) async throws(FaultError) -> String {
        let words = try await asFault { () throws(ManagementError) in
            try await left.repair.carryOut(on: management)
        }
        guard left.isInJournal else { return words }
        return words + (await removeIfPossible(left.id))
    }
}

/// A fault on a broker that is still in force although the rabbittop process that injected it has ended.
public struct LeftBehind: Sendable, Hashable, Identifiable {
    /// The identifier of the journal's entry, or vhost and name of a policy that is not in the journal.
    public let id: String
    /// The fault's name in the catalogue; `policy` if it is not known.
    public let fault: String
    /// When it was injected, in seconds since 1970, if known.
    public let at: Double?
    let repair: BrokerRepair
    /// False if only a name on the broker is known; then it may be in force from another machine.
    public let isInJournal: Bool

    init(id: String, fault: String, at: Double?, repair: BrokerRepair, isInJournal: Bool) {
        self.id = id
        self.fault = fault
        self.at = at
        self.repair = repair
        self.isInJournal = isInJournal
    }

    /// What is in force, as text for the user.
    public var words: String {
        isInJournal ? repair.words : repair.words + ", perhaps in force from another machine"
    }
}
