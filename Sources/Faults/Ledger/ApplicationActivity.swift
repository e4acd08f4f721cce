public import Foundation
import Names

/// An action of an application that shows that it works, or that it is recovering.
public struct ApplicationActivity: Sendable, Hashable {
    /// The kinds of actions.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A message of the application passed to the broker.
        case published
        /// A message passed to the application, or it subscribed.
        case consumed
        /// The application opened a channel.
        case channelOpened = "channel opened"
        /// The application connected.
        case connected
    }

    /// When the activity was observed.
    public var at: Date
    /// The client that was active.
    public var clientIdentity: ClientIdentity
    /// The kind of activity.
    public var kind: Kind
    /// The number of these messages that were marked as redelivered.
    public var redelivered: Int
    /// The source that observed it.
    public var source: LedgerEntry.Source

    /// Creates an activity.
    public init(
        at: Date, connection: String? = nil, clientName: String? = nil, user: String? = nil, vhost: String? = nil,
        peer: String? = nil, channel: Int? = nil, queue: String? = nil, kind: Kind, redelivered: Int = 0,
        source: LedgerEntry.Source = .proxy
    ) {
        self.at = at
        clientIdentity = ClientIdentity(
            connection: connection, clientName: clientName, user: user, vhost: vhost, peer: peer, channel: channel,
            queue: queue)
        self.kind = kind
        self.redelivered = redelivered
        self.source = source
    }
}

/// A connection or channel that a fault affected, reported by its injector: the most reliable link from a cause to its
/// effect.
public struct FaultTouch: Sendable, Hashable {
    /// When the fault took effect.
    public var at: Date
    /// The connection or channel that was affected.
    public var clientIdentity: ClientIdentity

    /// Creates the record of an affected connection or channel.
    public init(at: Date, _ clientIdentity: ClientIdentity) {
        self.at = at
        self.clientIdentity = clientIdentity
    }
}

/// The effect of a fault on one application, and when the application recovered.
public struct Recovery: Sendable, Hashable {
    /// The fault, as in `FaultRecord.label`.
    public var fault: String
    /// The application that was affected.
    public var application: Application
    /// When the application was affected.
    public var struckAt: Date
    /// When the application resumed its earlier activity; `nil` for not yet.
    public var recoveredAt: Date?
    /// The kinds of activity that must resume: what the application did before, as far as it was observed.
    public var awaited: Set<ApplicationActivity.Kind>
    /// Messages redelivered since.
    public var redelivered = 0
    /// Channels that the application opened since.
    public var channelsReopened = 0

    /// Seconds from the fault until the application recovered; `nil` for not yet.
    public var seconds: Double? { recoveredAt.map { max(0, $0.timeIntervalSince(struckAt)) } }
}

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
