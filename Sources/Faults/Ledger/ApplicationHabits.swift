import Foundation
import Names

/// The recent activity of each application's channels. It determines what must resume after a fault, and distinguishes
/// it from the normal activity of other channels. Bounded: a channel not seen for two rounds of `capacity` is
/// forgotten.
struct ApplicationHabits: Sendable {
    struct Line: Hashable, Sendable {
        @ByBytes var connection: String?
        var channel: Int?
    }

    struct Habit: Sendable {
        var clientIdentity: ClientIdentity
        var firstSeen: Date
        /// When the channel was last opened, as far as it was observed.
        var openedAt: Date?
        /// The source that last observed it.
        var source: LedgerEntry.Source
        var published: Date?
        var consumed: Date?

        var kinds: Set<ApplicationActivity.Kind> {
            var kinds: Set<ApplicationActivity.Kind> = []
            if published != nil { kinds.insert(.published) }
            if consumed != nil { kinds.insert(.consumed) }
            return kinds
        }
    }

    let capacity: Int
    private var young: [Name: [Line: Habit]] = [:]
    private var old: [Name: [Line: Habit]] = [:]
    private var youngCount = 0

    init(capacity: Int = 10_000) {
        self.capacity = capacity
    }

    /// - Returns: What is now known about the channel or connection.
    @discardableResult
    mutating func note(_ activity: ApplicationActivity, of application: Application) -> Habit {
        let line = Line(
            connection: activity.clientIdentity.connection ?? activity.clientIdentity.peer,
            channel: activity.clientIdentity.channel)
        let name = Name(application.name)
        let known = young[name]?[line]
        var habit =
            known ?? old[name]?[line]
            ?? Habit(clientIdentity: activity.clientIdentity, firstSeen: activity.at, source: activity.source)
        habit.source = activity.source
        switch activity.kind {
        case .published: habit.published = max(activity.at, habit.published ?? activity.at)
        case .consumed: habit.consumed = max(activity.at, habit.consumed ?? activity.at)
        case .channelOpened:
            // A reused number is a new channel; the activity of the previous one still shows its purpose.
            habit.openedAt = activity.at
        case .connected: break
        }
        if known == nil {
            if youngCount >= capacity {
                old = young
                young = [:]
                youngCount = 0
            }
            youngCount += 1
        }
        young[name, default: [:]][line] = habit
        return habit
    }

    /// Returns the application's channels and connections.
    func habits(of application: Application) -> [Habit] {
        let name = Name(application.name)
        let recent = young[name] ?? [:]
        let all = recent.merging(old[name] ?? [:]) { recent, _ in recent }
        return all.values.filter { habit in
            habit.clientIdentity.application.map { $0.isSame(as: application) } ?? false
        }
    }
}
