import Foundation
import Names

/// A fault in the ledger's memory: whom it is aimed at, when it holds, and what can come of it.
struct FaultMark: Sendable {
    let label: String
    var state: FaultRecord.State
    /// That it could not be undone is told once, however often it is tried.
    var hasToldFailure = false
    let since: Date
    /// When it ended; nil while it is in force.
    var end: Date?
    let effects: FaultEffects
    /// Newest last, bounded.
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
    /// How far the clocks of two sources may be apart, in seconds.
    private static let tolerance = 0.25

    init(_ record: FaultRecord) {
        let fault = record.fault
        let description = FaultCatalogue[fault.name]
        var values = fault.parameters
        for parameter in description?.parameters ?? [] where values[parameter.name] == nil {
            values[parameter.name] = parameter.value
        }
        label = record.label
        state = record.state
        name = fault.name
        since = Date(timeIntervalSince1970: record.since)
        injectionPoint = description?.injectionPoint
        effects = FaultEffects(fault, values: values, injectionPoint: description?.injectionPoint)
        func text(_ name: String) -> String? {
            guard case .text(let text)? = values[name], !text.isEmpty else { return nil }
            return text
        }
        let selector = fault.selector
        connection = (selector.connection ?? text("connection")).map(Pattern.init)
        user = selector.user ?? text("user")
        vhost = selector.virtualHost ?? text("vhost")
        queue = (selector.queue ?? text("queue")).map(Pattern.init)
        exchange = selector.exchange ?? text("exchange")
        var channel = selector.channel
        if channel == nil, case .integer(let number)? = values["channel"] { channel = number }
        self.channel = channel
    }

    mutating func add(_ touch: FaultTouch) {
        if touches.count >= Self.touchCapacity { touches.removeFirst(Self.touchCapacity / 4) }
        touches.append(touch)
    }

    /// How sure it is that this fault caused the entry: nil where it cannot have, more where more of it fits.
    func claim(on entry: LedgerEntry, of clientIdentity: ClientIdentity) -> Int? {
        guard state != .failed, holds(at: entry.at), effects.allow(entry) else { return nil }
        if touches.contains(where: { strikes($0, entry, clientIdentity) }) { return 100 }
        guard let fit = fit(clientIdentity, of: entry) else { return nil }
        switch injectionPoint {
        case .own:
            // Our own peers carry the fault's name.
            return clientIdentity.clientName?.hasSameBytes(as: "rabbittop fault \(label)") == true ? 90 : nil
        case .proxy:
            // Of a user's or vhost's connections only some pass through the proxy, which says so.
            return entry.source == .proxy || connection != nil ? fit : nil
        case .broker: return fit > 0 ? fit : nil
        case .node: return fit
        case nil: return fit > 0 ? fit : nil
        }
    }

    private func holds(at time: Date) -> Bool {
        // Some sources count in whole seconds.
        let seconds = time.timeIntervalSince1970
        let slack = seconds == seconds.rounded(.down) ? 1 : Self.tolerance
        guard time.timeIntervalSince(since) >= -slack else { return false }
        guard let end = lastTime else { return true }
        return time.timeIntervalSince(end) <= effects.grace
    }

    /// The last moment at which it struck or held; nil while it is in force.
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

    /// How many parts of its aim the party fits; nil where one does not fit, or where it is not known.
    private func fit(_ clientIdentity: ClientIdentity, of entry: LedgerEntry) -> Int? {
        var fits = 0
        var isSure = false
        if let connection {
            let names = [clientIdentity.connection, clientIdentity.clientName, clientIdentity.peer].compactMap(\.self)
            guard names.contains(where: connection.matches) else { return nil }
            fits += 10
            isSure = true
        }
        // Where the connection fits, it is no matter that a source does not tell the rest.
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
