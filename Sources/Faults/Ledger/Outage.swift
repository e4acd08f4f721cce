import Foundation

/// An application that a fault struck, until a while after it works again.
struct Outage: Sendable {
    var recovery: Recovery
    /// Whether the fault ends the channels and connections that it strikes.
    let ends: Bool
    /// Its connections and channels that were struck.
    var struck: [ClientIdentity]
    /// The entry that told of its recovery.
    var entryID: UInt64?
    /// Channels and redeliveries by who counted them: several see the same ones.
    private var counted: [LedgerEntry.Source: (channels: Int, redelivered: Int)] = [:]
    /// What came again so far.
    var seen: Set<ApplicationActivity.Kind> = []

    /// What comes within so many seconds after a recovery is counted with it.
    static let tail = 10.0
    /// After so many seconds nobody waits any longer.
    static let patience = 3_600.0
    static let struckCapacity = 256

    /// - Parameter habits: what the application's channels did, by the ledger's memory.
    init(
        fault: String, ends: Bool, application: Application, clientIdentity: ClientIdentity, at: Date,
        habits: [ApplicationHabits.Habit]
    ) {
        self.ends = ends
        recovery = Recovery(fault: fault, application: application, struckAt: at, awaited: [])
        struck = []
        strike(clientIdentity, at: at, habits: habits)
    }

    mutating func strike(_ clientIdentity: ClientIdentity, at: Date, habits: [ApplicationHabits.Habit]) {
        guard struck.count < Self.struckCapacity, !struck.contains(clientIdentity) else { return }
        struck.append(clientIdentity)
        recovery.struckAt = min(recovery.struckAt, at)
        for habit in habits where habit.firstSeen <= at && isStruck(habit.clientIdentity) {
            recovery.awaited.formUnion(habit.kinds)
        }
    }

    /// Whether it is one of the channels that were struck, or of the connections.
    func isStruck(_ clientIdentity: ClientIdentity) -> Bool {
        struck.contains { one in
            guard one.isSameConnection(as: clientIdentity) else { return false }
            return one.channel == nil || clientIdentity.channel == nil || one.channel == clientIdentity.channel
        }
    }

    /// Whether a channel of the application may show that it works again: one that was struck, or that is new since.
    func counts(_ habit: ApplicationHabits.Habit) -> Bool {
        if habit.firstSeen > recovery.struckAt { return true }
        guard isStruck(habit.clientIdentity) else { return false }
        // What still comes on a channel that the fault has ended was under way; the proxy sees when it is opened again.
        guard ends, habit.source == .proxy else { return true }
        return (habit.openedAt ?? .distantPast) > recovery.struckAt
    }

    mutating func count(_ activity: ApplicationActivity) {
        var counts = counted[activity.source] ?? (0, 0)
        counts.redelivered += activity.redelivered
        if activity.kind == .channelOpened { counts.channels += 1 }
        counted[activity.source] = counts
        recovery.redelivered = max(recovery.redelivered, counts.redelivered)
        recovery.channelsReopened = max(recovery.channelsReopened, counts.channels)
    }

    mutating func see(_ kind: ApplicationActivity.Kind, at: Date) {
        guard recovery.recoveredAt == nil, at >= recovery.struckAt else { return }
        guard kind == .published || kind == .consumed else { return }
        seen.insert(kind)
        if recovery.awaited.isSubset(of: seen) { recovery.recoveredAt = at }
    }

    func isOver(at now: Date) -> Bool {
        if let recoveredAt = recovery.recoveredAt { return now.timeIntervalSince(recoveredAt) > Self.tail }
        return now.timeIntervalSince(recovery.struckAt) > Self.patience
    }

    /// The ledger's entry of its recovery.
    func entry(_ activity: ApplicationActivity) -> LedgerEntry {
        let clientIdentity = activity.clientIdentity
        var entry = LedgerEntry(
            at: recovery.recoveredAt ?? activity.at, kind: .recovered,
            scope: struck.contains { $0.channel == nil } ? .connection : .channel,
            connection: clientIdentity.connection,
            clientName: clientIdentity.clientName, user: clientIdentity.user,
            vhost: clientIdentity.vhost ?? recovery.application.vhost,
            peer: clientIdentity.peer, channel: clientIdentity.channel, queue: clientIdentity.queue, text: "",
            source: activity.source,
            fault: recovery.fault)
        entry.application = recovery.application.name
        fill(&entry)
        return entry
    }

    func fill(_ entry: inout LedgerEntry) {
        entry.seconds = recovery.seconds
        entry.redelivered = recovery.redelivered
        entry.channelsReopened = recovery.channelsReopened
        let kinds = recovery.awaited.isEmpty ? seen : recovery.awaited
        let does =
            switch (kinds.contains(.published), kinds.contains(.consumed)) {
            case (true, true): "publishes and consumes again"
            case (false, true): "consumes again"
            case (true, false), (false, false): "publishes again"
            }
        let seconds = ((recovery.seconds ?? 0) * 1_000).rounded() / 1_000
        entry.text = "\(does) after \(seconds) s"
        func count(_ number: Int, _ one: String, _ many: String) {
            guard number > 0 else { return }
            entry.text += ", \(number) \(number == 1 ? one : many)"
        }
        count(recovery.redelivered, "message redelivered", "messages redelivered")
        count(recovery.channelsReopened, "channel reopened", "channels reopened")
    }
}
