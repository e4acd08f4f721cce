import Foundation
import Names
import Screen
import TopCore

/// The line above a table: the navigation path, what the table is narrowed to, and the rows on the screen.
struct TableTitle {
    let state: State
    let facts: any TableFacts
    /// The indices of the rows on the screen, from 0.
    let shown: Range<Int>

    func draw(in rect: Rect, on canvas: inout Canvas) {
        let rect = rect.inset(x: 1, y: 0)
        let trailing = counts(canvas)
        let length = Span.width(trailing)
        let room = max(0, rect.width - length - 2)
        var left = crumbs(canvas)
        let extras = narrowing(canvas)
        if Span.width(left) > room, left.count > 1 {
            // The end of the path is the most important: cut it at the beginning.
            while Span.width(left) > room - 2, left.count > 1 { left.removeFirst() }
            left.insert(Span("\(canvas.marks.ellipsis) ", .muted), at: 0)
        }
        if !extras.isEmpty { left.append(Span("  ")) }
        canvas.write(left + extras, x: rect.minX, y: rect.minY, width: room)
        canvas.write(trailing, x: max(rect.minX, rect.maxX - length), y: rect.minY, width: min(length, rect.width))
    }

    private func crumbs(_ canvas: Canvas) -> [Span] {
        let names = Self.crumbs(of: state)
        var spans: [Span] = []
        for (index, name) in names.enumerated() {
            if index > 0 { spans.append(Span(canvas.marks.crumb, .faint)) }
            spans.append(
                Span(
                    Text.truncated(name, to: 44, ellipsis: canvas.marks.ellipsis),
                    index == names.count - 1 ? .crumb : .muted))
        }
        return spans
    }

    /// Returns the path from the first view to this one: `Queues`, `orders`, `Consumers`.
    static func crumbs(of state: State) -> [String] {
        var names: [String] = []
        let places = state.trail.map { ($0.view, $0.scope) } + [(state.view, state.scope)]
        for (index, (view, scope)) in places.enumerated() {
            if let scope {
                if index == 0 { names.append(scope.view.title) }
                if names.last.map({ !$0.hasSameBytes(as: scope.name) }) ?? true { names.append(scope.name) }
            }
            if names.last != view.title { names.append(view.title) }
        }
        return names
    }

    private func narrowing(_ canvas: Canvas) -> [Span] {
        var spans: [Span] = []
        if let vhost = state.vhost ?? state.scope?.shownVhost(in: state) {
            spans += [Span("vhost ", .muted), Span(vhost.text, .accent), Span("  ")]
        }
        if case .filter = state.overlay {
            // It is being edited at the bottom of the screen.
        } else {
            switch facts.filter {
            case .none: break
            case .text(let text): spans += [Span("filter ", .muted), Span("\"\(text)\"", .accent), Span("  ")]
            case .regex(let text): spans += [Span("filter ", .muted), Span("/\(text)/", .accent), Span("  ")]
            case .condition(let condition):
                spans += [Span("filter ", .muted), Span("\(condition.source)", .accent), Span("  ")]
                let undecided = facts.undecidedCount
                if undecided > 0 {
                    spans += [Span("\(canvas.format.count(undecided)) not known", .warning), Span("  ")]
                }
            case .invalid(let text, _):
                spans += [Span("filter ", .muted), Span("/\(text)/", .critical), Span(" is not valid  ", .critical)]
            }
        }
        if let newer = facts.newerCount, newer > 0, let command = facts.newestCommand {
            let keys = Bindings.keys(of: command, in: state)
            spans += [
                Span("\(canvas.format.count(newer)) newer", .accent), Span(": \(keys) follows again  ", .muted),
            ]
        }
        if let sort = facts.hiddenSort {
            let mark = facts.rowOrder.descending ? canvas.marks.descending : canvas.marks.ascending
            spans += [Span("by ", .muted), Span("\(sort)\(mark)", .accent), Span("  ")]
        }
        let tagged = facts.taggedCount
        if tagged > 0 {
            let hidden = facts.hiddenTagCount
            spans += [Span("\(canvas.format.count(tagged)) tagged", .accent)]
            if hidden > 0 { spans.append(Span(", \(canvas.format.count(hidden)) not shown", .warning)) }
            spans.append(Span("  "))
        }
        if facts.isFollowing { spans += [Span("following", .accent), Span("  ")] }
        return spans
    }

    /// Returns the rows on the screen, of those that pass the filter, of those on the broker.
    private func counts(_ canvas: Canvas) -> [Span] {
        let format = canvas.format
        var spans: [Span] = []
        if facts.count > 0 {
            let last = format.count(shown.upperBound)
            let range = format.count(shown.lowerBound + 1) + canvas.marks.range + last
            spans.append(Span(range, .text))
        } else {
            spans.append(Span("0", .muted))
        }
        spans.append(Span("/" + format.count(facts.count), .muted))
        if facts.ended != nil { spans.append(Span(", 1 ended", .warning)) }
        if facts.total > facts.count {
            spans.append(Span(" of \(format.count(facts.total))", .muted))
        }
        return spans
    }
}

extension Scope {
    /// The view that has a row for the scope.
    var view: ViewID {
        switch self {
        case .queue: .queues
        case .connection: .connections
        case .channel: .channels
        case .exchange: .exchanges
        case .node: .nodes
        }
    }

    /// Returns the vhost of a queue or exchange when there are several vhosts: its column is not needed then.
    func shownVhost(in state: State) -> Name? {
        switch self {
        case .queue(let id), .exchange(let id): state.vhosts.count == 1 ? nil : id.vhost
        case .connection, .channel, .node: nil
        }
    }

    var name: String {
        switch self {
        case .queue(let id): id.name.text
        case .connection(let name), .node(let name): name.text
        case .channel(let id): id.name.text
        case .exchange(let id): id.name.isEmpty ? "(default)" : id.name.text
        }
    }
}
