import Foundation

/// An application that a fault affected, until some time after its recovery.
struct Outage: Sendable {
    var recovery: Recovery
    /// Whether the fault closes the channels and connections it affects.
    let ends: Bool
    /// The affected connections and channels of the application.
    var struck: [ClientIdentity]
    /// The number of the recovery's ledger entry.
    var entryID: UInt64?
    /// Channels and redeliveries by source, because several sources observe the same ones.
    private var counted: [LedgerEntry.Source: (channels: Int, redelivered: Int)] = [:]
    /// The kinds of activity that have resumed.
    var seen: Set<ApplicationActivity.Kind> = []

    /// Seconds after a recovery in which further activity is counted with it.
    static let tail = 10.0
    /// Seconds after which a recovery is no longer awaited.
    static let patience = 3_600.0
    static let struckCapacity = 256

    /// - Parameter habits: The earlier activity of the application's channels.
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

    /// Whether it is one of the affected channels or connections.
    func isStruck(_ clientIdentity: ClientIdentity) -> Bool {
        struck.contains { one in
            guard one.isSameConnection(as: clientIdentity) else { return false }
            return one.channel == nil || clientIdentity.channel == nil || one.channel == clientIdentity.channel
        }
    }

    /// Whether activity on this channel shows a recovery: an affected channel, or one opened since.
    func counts(_ habit: ApplicationHabits.Habit) -> Bool {
        if habit.firstSeen > recovery.struckAt { return true }
        guard isStruck(habit.clientIdentity) else { return false }
        // Activity on a channel that the fault closed was still in transit; the proxy reports when it is opened again.
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

    /// Returns the ledger entry of the recovery.
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
            entry.text += ", " + String(counted: number, one, many)
        }
        count(recovery.redelivered, "message redelivered", "messages redelivered")
        count(recovery.channelsReopened, "channel reopened", "channels reopened")
    }
}
