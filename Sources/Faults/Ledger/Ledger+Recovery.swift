import Foundation
import Names

// How long applications take to recover.
extension Ledger {
    /// Records an activity of an application.
    ///
    /// - Returns: The entries of recoveries that it completes.
    @discardableResult
    public mutating func note(_ activity: ApplicationActivity) -> [LedgerEntry] {
        guard let application = activity.clientIdentity.application else { return [] }
        let habit = habits.note(activity, of: application)
        guard !outages.isEmpty else { return [] }
        retireOutages(at: activity.at)
        var made: [LedgerEntry] = []
        for index in outages.indices where outages[index].recovery.application.isSame(as: application) {
            guard activity.at >= outages[index].recovery.struckAt else { continue }
            outages[index].count(activity)
            let wasRecovered = outages[index].recovery.recoveredAt != nil
            if outages[index].counts(habit) {
                outages[index].see(activity.kind, at: activity.at)
            }
            if let entry = tell(outageAt: index, activity, wasRecovered: wasRecovered) { made.append(entry) }
        }
        return made
    }

    /// Returns the effects of a fault on applications, including those that have not recovered yet, in the order in
    /// which they were affected.
    public func recoveries(of fault: String) -> [Recovery] {
        ended.filter { $0.fault == fault } + outages.map(\.recovery).filter { $0.fault == fault }
    }

    /// The applications that were affected and have not recovered yet.
    public var awaited: [Recovery] { outages.map(\.recovery).filter { $0.recoveredAt == nil } }

    /// Starts the measurement of a recovery when an effect was linked to its fault.
    mutating func noteEffect(_ entry: LedgerEntry) -> LedgerEntry? {
        guard let fault = entry.fault, let mark = place(of: fault), marks[mark].effects.interrupts else { return nil }
        switch entry.kind {
        case .error, .closed, .cancelled, .blocked: return strike(entry.clientIdentity, by: fault, at: entry.at)
        case .opened, .returned, .unblocked, .alarm, .authentication, .action, .source, .fault, .recovered, .finding:
            return nil
        }
    }

    /// - Returns: The entry of the recovery, when known activity already shows that it is over.
    mutating func strike(_ clientIdentity: ClientIdentity, by fault: String, at: Date) -> LedgerEntry? {
        guard let application = clientIdentity.application, !Self.isOwnPeer(application) else { return nil }
        let lines = habits.habits(of: application)
        if let index = outages.firstIndex(where: {
            $0.recovery.fault == fault && $0.recovery.application.isSame(as: application)
        }) {
            guard let recoveredAt = outages[index].recovery.recoveredAt else {
                outages[index].strike(clientIdentity, at: at, habits: lines)
                return nil
            }
            // Several sources report the same effect, some of them late: those are not new effects.
            if at <= recoveredAt { return nil }
            retire(index)
        }
        retireOutages(at: at)
        if outages.count >= Self.outageCapacity { retire(0) }
        let ends = place(of: fault).map { marks[$0].effects.ends } ?? false
        outages.append(
            Outage(
                fault: fault, ends: ends, application: application, clientIdentity: clientIdentity, at: at,
                habits: lines))
        // The effect may be reported after the first activity that follows it.
        let index = outages.count - 1
        var last: ApplicationActivity?
        for line in lines where outages[index].counts(line) {
            for (kind, time) in [(ApplicationActivity.Kind.published, line.published), (.consumed, line.consumed)] {
                guard let time, time > at else { continue }
                outages[index].see(kind, at: time)
                var activity = ApplicationActivity(at: time, kind: kind, source: line.source)
                activity.clientIdentity = line.clientIdentity
                last = activity
            }
        }
        return last.flatMap { tell(outageAt: index, $0, wasRecovered: false) }
    }

    /// Whether the application is one of rabbittop's raw peers, which do not reconnect.
    private static func isOwnPeer(_ application: Application) -> Bool {
        application.name.hasBytePrefix("rabbittop fault ")
    }

    /// Records a recovery, or updates its entry with later activity.
    private mutating func tell(
        outageAt index: Int, _ activity: ApplicationActivity, wasRecovered: Bool
    ) -> LedgerEntry? {
        let outage = outages[index]
        guard outage.recovery.recoveredAt != nil else { return nil }
        guard !wasRecovered else {
            if let id = outage.entryID { edit(id) { outage.fill(&$0) } }
            return nil
        }
        let entry = record(outage.entry(activity))
        outages[index].entryID = entry.id
        return entry
    }

    private static let outageCapacity = 256
    private static let endedCapacity = 512

    private mutating func retireOutages(at now: Date) {
        for index in outages.indices.reversed() where outages[index].isOver(at: now) { retire(index) }
    }

    private mutating func retire(_ index: Int) {
        if ended.count >= Self.endedCapacity { ended.removeFirst(Self.endedCapacity / 4) }
        ended.append(outages.remove(at: index).recovery)
    }
}
