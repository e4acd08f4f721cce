import Foundation
import TopCore

/// How current the figures of the whole screen are.
enum Freshness: Equatable {
    /// Nothing was received yet.
    case connecting
    /// Nothing was received, because the broker denies the user access.
    case denied
    /// Nothing was received, because the broker is unreachable.
    case unreachable
    case live
    /// Seconds since the figures were current.
    case old(Double)
    /// The source is gone; seconds since the figures were current.
    case lost(Double)
    case frozen(since: Date)
    /// The figures are those of an earlier time, as the line above says.
    case past

    init(_ state: State) {
        guard state.isPresent else {
            self = state.past == nil ? .connecting : .past
            return
        }
        if let since = state.frozenAt {
            self = .frozen(since: since)
            return
        }
        guard let cluster = state.cluster else {
            switch state.sources.first(where: { $0.name == .management })?.state {
            case .denied: self = .denied
            case .unreachable: self = .unreachable
            case .connecting, .live, .stale, .notEnabled, .off, nil: self = .connecting
            }
            return
        }
        let age = max(0, state.now.timeIntervalSince(cluster.at))
        guard let source = state.sources.first(where: { $0.name == .management }) else {
            self = age <= 15 ? .live : .old(age)
            return
        }
        switch source.state {
        case .live, .connecting, .off: self = age <= max(3 * source.interval, 3) ? .live : .old(age)
        case .stale, .unreachable, .denied, .notEnabled: self = .lost(age)
        }
    }

    /// Whether the figures are those of the time that is shown.
    var isCurrent: Bool { self == .live || self == .past }
    var isLive: Bool { self == .live }

    /// Returns the freshness in words, with a mark of the same meaning.
    func spans(_ canvas: Canvas) -> [Span] {
        switch self {
        case .connecting: [Span("\(canvas.marks.notLive) connecting", .warning)]
        case .denied: [Span("\(canvas.marks.alert) denied", .critical)]
        case .unreachable: [Span("\(canvas.marks.alert) unreachable", .critical)]
        case .live: [Span("\(canvas.marks.live) ", .good), Span("live", .muted)]
        case .past: [Span("\(canvas.marks.notLive) not live", .warning)]
        case .old(let age):
            [Span("\(canvas.marks.notLive) \(canvas.age(age)) old", .warning)]
        case .lost(let age):
            [
                Span(" \(canvas.marks.alert) LOST ", .badgeCritical),
                Span(" figures \(canvas.age(age)) old", .critical),
            ]
        case .frozen(let since):
            [
                Span(" FROZEN ", .badgeWarning),
                Span(
                    " since \(canvas.format.clock(since, now: canvas.now)), "
                        + canvas.age(canvas.now.timeIntervalSince(since)), .warning),
            ]
        }
    }
}
