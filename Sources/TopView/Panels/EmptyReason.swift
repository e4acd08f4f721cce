import Foundation
import TopCore

/// The reason that a table has no rows, shown in their place.
struct EmptyReason {
    let state: State
    let facts: any TableFacts
    /// Whether there are rows that are hidden.
    let hasHiddenRows: Bool

    func spans(_ canvas: Canvas) -> [Span] {
        let things = Self.things(state.view)
        switch facts.filter {
        case .text(let text) where hasHiddenRows:
            return [
                Span("No \(things) match ", .muted), Span("\"\(text)\"", .accent), Span("  ", .muted),
            ] + wayOut
        case .regex(let text) where hasHiddenRows:
            return [
                Span("No \(things) match ", .muted), Span("/\(text)/", .accent), Span("  ", .muted),
            ] + wayOut
        case .condition(let condition) where hasHiddenRows:
            let undecided = facts.undecidedCount
            let more = undecided > 0 ? "; of \(canvas.format.count(undecided)) it is not known" : ""
            return [
                Span("No \(things) match ", .muted), Span("\(condition.source)", .accent), Span(more, .warning),
                Span("  ", .muted),
            ] + wayOut
        case .none, .text, .regex, .condition, .invalid: break
        }
        if state.past != nil, facts.at == nil || state.view == .lab {
            let why =
                state.view == .lab
                ? "Experiments are not recorded" : "Not known: \(things) of this time are not recorded"
            return [Span(why, .warning)]
        }
        let sources = state.sources.filter { state.view.sources.contains($0.name) }
        let isClosed = facts.at == nil && !sources.isEmpty && sources.allSatisfy { $0.state != .live }
        if isClosed, sources.contains(where: { $0.state == .denied }) {
            if state.cluster == nil { return [Span("The broker refuses this user", .warning)] }
            return [
                Span("This user may not see \(things): the broker requires the tag ", .warning),
                Span("monitoring", .accent),
            ]
        }
        let isCounted = state.view == .connections && facts.total > 0
        if let cluster = state.cluster,
            cluster.gaps.contains(where: { $0.empties(state.view) || $0 == .statistics && isCounted })
        {
            // The status strip has the sentence.
            return [Span("Not known: the line above says why", .warning)]
        }
        if facts.at == nil, case .named(let view) = state.view, state.named.problems[view] != nil {
            return [Span("Not known: the line above says why", .warning)]
        }
        if facts.at == nil, state.view != .events, state.view != .client, state.view != .lab {
            if sources.contains(where: { $0.state == .stale || $0.state == .unreachable }) {
                return [Span("Nothing is known of \(things) yet: the broker cannot be reached", .warning)]
            }
            return [Span(canvas.marks.plain("Waiting for \(state.target)…"), .muted)]
        }
        if let scope = state.scope {
            let text = "\(Self.noun(scope)) \(scope.name) has no \(things)"
            guard !state.escapeReturns else { return [Span(text, .muted)] }
            return [Span(text, .muted), Span("  ", .muted), Span("Esc", .key), Span(" back", .keyText)]
        }
        if let vhost = state.vhost, state.view != .nodes, state.view != .events, state.view != .client,
            state.view != .lab
        {
            return [
                Span("There are no \(things) in vhost ", .muted), Span(vhost.text, .accent), Span("  ", .muted),
                Span("v", .key), Span(" another vhost", .keyText),
            ]
        }
        switch state.view {
        case .events where !state.isPresent: return [Span("Nothing had gone wrong until then", .muted)]
        case .events: return [Span("Nothing has gone wrong since rabbittop started", .muted)]
        case .client where state.sources.contains { $0.name == .attached }:
            return [Span("Neither rabbittop nor the attached process has a connection", .muted)]
        case .lab: return [Span("The lab has no experiments", .muted)]
        case .client: return [Span("No connection of ours is open: c starts a consumer, p publishes", .muted)]
        case .overview, .queues, .connections, .channels, .consumers, .exchanges, .nodes, .named:
            return [Span("There are no \(things)", .muted)]
        }
    }

    /// The key that leads out of a filter that hides all.
    private var wayOut: [Span] {
        state.escapeReturns
            ? [Span("/", .key), Span(" another filter", .keyText)]
            : [Span("Esc", .key), Span(" clears the filter", .keyText)]
    }

    private static func noun(_ scope: Scope) -> String {
        switch scope {
        case .queue: "Queue"
        case .connection: "Connection"
        case .channel: "Channel"
        case .exchange: "Exchange"
        case .node: "Node"
        }
    }

    private static func things(_ view: ViewID) -> String {
        switch view {
        case .overview: "figures"
        case .events: "events"
        case .client: "connections of ours"
        case .lab: "experiments"
        case .queues, .connections, .channels, .consumers, .exchanges, .nodes: view.rawValue
        case .named(let view): view.things
        }
    }
}
