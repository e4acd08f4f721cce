public import MessageRouting
public import Names
import Screen

extension RouteTrace {
    /// Returns the trace as lines for people, ending in a line feed.
    public func text(vhost: Name) -> String {
        var lines = [heading(vhost)]
        lines += route.arrivals.map { "  " + $0.line }
        if route.missCount > 0 {
            let count = Self.count(route.missCount, "binding does", "bindings do")
            lines.append(
                route.misses.count < route.missCount ? "\(count) not match; the nearest:" : "\(count) not match:")
            lines += route.misses.map { "  \($0.binding.arrow): \(Text.visible($0.why.words))" }
        }
        if !route.deadEnds.isEmpty {
            lines.append("The message ends at:")
            lines += route.deadEnds.map { "  " + $0.line }
        }
        lines += deadLetterLines
        let unknown = route.gaps + deadLetters.flatMap(\.route.gaps) + gaps
        if !unknown.isEmpty {
            lines.append("Not known:")
            lines += unknown.map { "  \(Text.visible($0.part.words)): \(Text.visible($0.why))" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The outcome in one sentence.
    private func heading(_ vhost: Name) -> String {
        let message =
            "A message to \(Self.exchange(self.message.exchange)) with key '\(Text.visible(self.message.routingKey.text))' "
            + "in vhost \(Text.visible(vhost.text))"
        let certain = route.arrivals.count { $0.doubt == nil }
        let doubtful = route.arrivals.count - certain
        let queues = Self.count(certain, "queue", "queues")
        switch route.outcome {
        case .unroutable: return "\(message) reaches no queue: it is dropped, or returned if it is mandatory."
        case .unknown where route.arrivals.isEmpty: return "\(message): not known where it goes."
        case .unknown: return "\(message) may reach:"
        case .reached where doubtful == 0: return "\(message) reaches \(queues):"
        case .reached where certain == 0: return "\(message) reaches one of:"
        case .reached: return "\(message) reaches \(queues), and perhaps \(doubtful) more:"
        }
    }

    private var deadLetterLines: [String] {
        guard !deadLetters.isEmpty || !withoutDeadLetters.isEmpty || unfollowed > 0 else { return [] }
        var lines = ["Dead letters:"]
        lines += deadLetters.flatMap(\.lines)
        lines += withoutDeadLetters.sorted().map {
            "  \(Text.visible($0.text)): dropped, it has no dead-letter exchange"
        }
        if unfollowed > 0 {
            lines.append("  of \(Self.count(unfollowed, "more queue", "more queues")): not followed")
        }
        return lines
    }

    /// Returns a number with its noun.
    static func count(_ count: Int, _ one: String, _ more: String) -> String {
        "\(ValueFormat.grouped(count)) \(count == 1 ? one : more)"
    }

    /// Returns an exchange's name for display.
    static func exchange(_ name: Name) -> String {
        name.isEmpty ? "the default exchange" : "exchange \(Text.visible(name.text))"
    }
}

extension Route.Arrival {
    fileprivate var line: String {
        var line = Text.visible(queue.text) + "  by " + path.map(\.arrow).joined(separator: " ")
        if bindings > 1 { line += " (and \(RouteTrace.count(bindings - 1, "more binding", "more bindings")))" }
        if let doubt { line += "  perhaps: \(Text.visible(doubt))" }
        return line
    }
}

extension Route.Step {
    fileprivate var arrow: String {
        let from = exchange.isEmpty ? "(default)" : "\(Text.visible(exchange.text)) (\(Text.visible(type.text)))"
        return switch way {
        case .binding(let key, let arguments): "\(from) -[\(label(key, arguments))]->"
        case .alternate: "\(from) -[alternate]->"
        case .name: "\(from) -[its name]->"
        }
    }
}

/// Returns what a binding goes by, for display: its key, its arguments, or both.
func label(_ key: Name, _ arguments: HeaderTable) -> String {
    let texts = arguments.entries.map { "\($0.name.text)=\($0.value)" }
    return Text.visible(((key.isEmpty && !texts.isEmpty ? [] : [key.text]) + texts).joined(separator: ", "))
}

extension RoutingModel.Binding {
    fileprivate var arrow: String {
        "\(Text.visible(source.text)) -[\(label(key, arguments))]-> "
            + (destination.isQueue ? "" : "exchange ") + Text.visible(destination.name.text)
    }
}

extension Route.DeadEnd {
    fileprivate var line: String { "\(RouteTrace.exchange(exchange)): \(Text.visible(words))" }
}

extension RouteTrace.DeadLetters {
    fileprivate var lines: [String] {
        let key = key.map { " with key '\(Text.visible($0.text))'" } ?? ""
        let start = "  \(Text.visible(queue.text)) -> \(RouteTrace.exchange(exchange))\(key)"
        var lines = route.arrivals.map { arrival in
            let doubt = arrival.doubt.map { "  perhaps: \(Text.visible($0))" } ?? ""
            return "\(start) -> \(Text.visible(arrival.queue.text))\(doubt)"
        }
        if lines.isEmpty {
            lines.append("\(start) -> \(route.outcome == .unroutable ? "no queue: dropped" : "not known")")
        }
        lines += returnsTo.map { name in
            "    \(Text.visible(name.text)) had it before: it is dropped, or circles if it was rejected on the way"
        }
        return lines + route.deadEnds.map { "    \($0.line)" }
    }
}
