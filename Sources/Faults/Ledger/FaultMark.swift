import Foundation
import Names

/// A fault as the ledger remembers it: what it is aimed at, when it is in force, and its possible effects.
struct FaultMark: Sendable {
    let label: String
    var state: FaultRecord.State
    /// Whether the failure to undo the fault was recorded: it is recorded once, however often undoing is retried.
    var hasToldFailure = false
    let since: Date
    /// When the fault ended; `nil` while it is in force.
    var end: Date?
    let effects: FaultEffects
    /// The affected connections and channels, the newest last, bounded.
    private(set) var touches: [FaultTouch] = []

    private let injectionPoint: FaultDescription.InjectionPoint?
    private let name: String
    private let connection: Pattern?
    private let user: String?
    private let vhost: String?
    private let queue: Pattern?
    private let exchange: String?
    private let channel: Int?

    private static let touchCapacity = 1_000
    /// The maximum difference between the clocks of two sources, in seconds.
    private static let tolerance = 0.25

    init(_ record: FaultRecord) {
        let fault = record.fault
        let description = FaultCatalogue[fault.name]
        label = record.label
        state = record.state
        name = fault.name
        since = Date(timeIntervalSince1970: record.since)
        injectionPoint = description?.injectionPoint
        effects = description?.read(fault.parameters).effects ?? FaultEffects()
        func text(_ name: String) -> String? {
            let value = fault.parameters[name] ?? description?[parameter: name]?.value
            guard case .text(let text)? = value, !text.isEmpty else { return nil }
            return text
        }
        let selector = fault.selector
        connection = selector.connection.map(Pattern.init)
        user = selector.user
        vhost = selector.virtualHost ?? text("vhost")
        queue = (selector.queue ?? text("queue")).map(Pattern.init)
        exchange = selector.exchange
        channel = selector.channel
    }

    mutating func add(_ touch: FaultTouch) {
        if touches.count >= Self.touchCapacity { touches.removeFirst(Self.touchCapacity / 4) }
        touches.append(touch)
    }

    /// Returns how likely it is that this fault caused the entry: `nil` when it cannot have, higher when more of it
    /// matches.
    func claim(on entry: LedgerEntry, of clientIdentity: ClientIdentity) -> Int? {
        guard state != .failed, holds(at: entry.at), effects.allow(entry) else { return nil }
        if touches.contains(where: { strikes($0, entry, clientIdentity) }) { return 100 }
        guard let fit = fit(clientIdentity, of: entry) else { return nil }
        switch injectionPoint {
        case .own:
            // The connections of rabbittop's own peers are named after the fault.
            return clientIdentity.clientName?.hasSameBytes(as: "rabbittop fault \(label)") == true ? 90 : nil
        case .proxy:
            // Only some connections of a user or vhost pass through the proxy, which reports them itself.
            return entry.source == .proxy || connection != nil ? fit : nil
        case .broker: return fit > 0 ? fit : nil
        case .node: return fit
        case nil: return fit > 0 ? fit : nil
        }
    }

    private func holds(at time: Date) -> Bool {
        // Some sources report whole seconds.
        let seconds = time.timeIntervalSince1970
        let slack = seconds == seconds.rounded(.down) ? 1 : Self.tolerance
        guard time.timeIntervalSince(since) >= -slack else { return false }
        guard let end = lastTime else { return true }
        return time.timeIntervalSince(end) <= effects.grace
    }

    /// The last time at which the fault took effect or was in force; `nil` while it is in force.
    private var lastTime: Date? {
        guard let end else { return nil }
        return touches.last.map { max(end, $0.at) } ?? end
    }

    private func strikes(_ touch: FaultTouch, _ entry: LedgerEntry, _ clientIdentity: ClientIdentity) -> Bool {
        guard touch.clientIdentity.isSameConnection(as: clientIdentity), entry.at.timeIntervalSince(touch.at) >= -1
        else { return false }
        guard let struck = touch.clientIdentity.channel, let channel = clientIdentity.channel else { return true }
        return struck == channel
    }

    /// Returns how many fields of the fault's selector the client identity matches; `nil` when one does not match or is
    /// not known.
    private func fit(_ clientIdentity: ClientIdentity, of entry: LedgerEntry) -> Int? {
        var fits = 0
        var isSure = false
        if let connection {
            let names = [clientIdentity.connection, clientIdentity.clientName, clientIdentity.peer].compactMap(\.self)
            guard names.contains(where: connection.matches) else { return nil }
            fits += 10
            isSure = true
        }
        // When the connection matches, fields that the source does not report are ignored.
        func check(_ wanted: String?, _ known: String?) -> Bool {
            guard let wanted else { return true }
            guard let known else { return isSure }
            fits += 1
            return known.hasSameBytes(as: wanted)
        }
        guard check(user, clientIdentity.user), check(vhost, clientIdentity.vhost) else { return nil }
        if let channel {
            if let known = clientIdentity.channel {
                guard known == channel else { return nil }
                fits += 5
            } else if entry.scope == .channel {
                return nil
            }
        }
        if let queue {
            if let known = clientIdentity.queue {
                guard queue.matches(known) else { return nil }
                fits += 5
            } else if !isSure {
                return nil
            }
        }
        if let exchange {
            guard entry.text.containsBytes(of: "'\(exchange)'") else { return nil }
            fits += 5
        }
        return fits
    }
}

/// The possible effects of a fault, so that unrelated events of the same time are not attributed to it.
package struct FaultEffects: Sendable, Equatable {
    package struct Effect: Sendable, Equatable {
        var kinds: Set<LedgerEntry.Kind>
        var scopes: Set<LedgerEntry.Scope>
        /// The possible reply codes; empty: only effects without a code. An effect without a code is always possible.
        var codes: Set<Int>
    }

    package var effects: [Effect]
    /// Whether the fault interrupts the applications it affects: then the time until they recover is measured.
    package var interrupts: Bool
    /// Whether the fault closes the channels and connections it affects.
    package var ends = false
    /// Seconds after the end of the fault in which its effects may still appear: reports of other sources arrive late.
    package var grace: Double = 5

    func allow(_ entry: LedgerEntry) -> Bool {
        effects.contains { effect in
            effect.kinds.contains(entry.kind) && effect.scopes.contains(entry.scope)
                && (entry.code.map { effect.codes.contains($0) } ?? true)
        }
    }

    /// Creates the effects of a fault.
    ///
    /// - Parameters:
    ///   - effects: the events that it can cause.
    ///   - interrupts: whether applications have to recover.
    ///   - ends: whether it closes the channels or connections that it affects.
    ///   - grace: the seconds after its end in which effects may still appear.
    package init(_ effects: [Effect] = [], interrupts: Bool = false, ends: Bool = false, grace: Double = 5) {
        self.effects = effects
        self.interrupts = interrupts
        self.ends = ends
        self.grace = grace
    }
}

extension FaultEffects.Effect {
    private static let endings: Set<LedgerEntry.Kind> = [.error, .closed]

    /// The end of a channel, with one of these reply codes.
    package static func channel(_ codes: Int...) -> Self { Self(kinds: endings, scopes: [.channel], codes: Set(codes)) }

    /// The end of a connection, with one of these reply codes.
    package static func connection(_ codes: Int...) -> Self {
        Self(kinds: endings, scopes: [.connection], codes: Set(codes))
    }

    /// An event of one of these kinds, with one of these reply codes.
    package static func entry(_ kinds: Set<LedgerEntry.Kind>, _ codes: Int...) -> Self {
        Self(kinds: kinds, scopes: Set(LedgerEntry.Scope.allCases), codes: Set(codes))
    }

    /// An error of a connection or channel, with one of these reply codes.
    package static func error(in scopes: Set<LedgerEntry.Scope>, _ codes: Int...) -> Self {
        Self(kinds: [.error], scopes: scopes, codes: Set(codes))
    }

    /// Any response of the broker to rabbittop's own peer.
    package static let anyResponse = Self(
        kinds: [.error, .closed, .returned, .cancelled, .blocked, .unblocked], scopes: [.channel, .connection, .queue],
        codes: Set(200...599))
}
