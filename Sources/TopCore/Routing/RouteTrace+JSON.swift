public import MessageRouting
public import Names

extension RouteTrace {
    /// Returns the trace as one JSON object, ending in a line feed.
    public func json(vhost: Name) -> String {
        JSONText.object([
            ("vhost", JSONText.string(vhost.text)), ("exchange", JSONText.string(message.exchange.text)),
            ("routing_key", JSONText.string(message.routingKey.text)),
            ("outcome", JSONText.string(route.outcome.word)),
            ("queues", JSONText.array(route.arrivals.map { $0.json(vhost) })),
            ("dead_ends", JSONText.array(route.deadEnds.map(\.json))),
            ("misses", JSONText.array(route.misses.map(\.json))), ("misses_total", String(route.missCount)),
            ("dead_letters", JSONText.array(deadLetters.map(\.json))),
            (
                "without_dead_letters",
                JSONText.array(withoutDeadLetters.map { JSONText.string($0.text) })
            ),
            ("dead_letters_not_followed", String(unfollowed)),
            (
                "unknown",
                JSONText.array((route.gaps + deadLetters.flatMap(\.route.gaps) + gaps).map(\.json))
            ),
        ]) + "\n"
    }
}

extension Route.Outcome {
    /// The outcome in JSON.
    var word: String {
        switch self {
        case .reached: "reached"
        case .unroutable: "unroutable"
        case .unknown: "unknown"
        }
    }
}

extension Route.Arrival {
    fileprivate func json(_ vhost: Name) -> String {
        JSONText.object([
            ("vhost", JSONText.string(vhost.text)), ("name", JSONText.string(queue.text)),
            ("certain", doubt == nil ? "true" : "false"), ("doubt", JSONText.string(doubt)),
            ("bindings", String(bindings)), ("path", JSONText.array(path.map(\.json))),
        ])
    }
}

extension Route.Step {
    fileprivate var json: String {
        let members = [("exchange", JSONText.string(exchange.text)), ("type", JSONText.string(type.text))]
        switch way {
        case .binding(let key, let arguments):
            return JSONText.object(
                members + [
                    ("by", "\"binding\""), ("routing_key", JSONText.string(key.text)), ("arguments", arguments.json),
                ])
        case .alternate: return JSONText.object(members + [("by", "\"alternate\"")])
        case .name: return JSONText.object(members + [("by", "\"name\"")])
        }
    }
}

extension Route.DeadEnd {
    fileprivate var json: String {
        JSONText.object([("at", JSONText.string(exchange.text)), ("why", JSONText.string(words))])
    }
}

extension Route.Gap {
    fileprivate var json: String {
        JSONText.object([("at", JSONText.string(part.words)), ("why", JSONText.string(why))])
    }
}

extension Route.Miss {
    fileprivate var json: String {
        JSONText.object(binding.members + [("why", JSONText.string(why.words))])
    }
}

extension RoutingModel.Binding {
    /// The members of a binding in JSON.
    var members: [(String, String)] {
        [
            ("source", JSONText.string(source.text)), ("destination", JSONText.string(destination.name.text)),
            ("destination_type", destination.isQueue ? "\"queue\"" : "\"exchange\""),
            ("routing_key", JSONText.string(key.text)), ("arguments", arguments.json),
        ]
    }
}

extension RoutingModel.Destination {
    /// Whether it is a queue.
    var isQueue: Bool {
        switch self {
        case .queue: true
        case .exchange: false
        }
    }
}

extension RouteTrace.DeadLetters {
    fileprivate var json: String {
        JSONText.object([
            ("queue", JSONText.string(queue.text)), ("exchange", JSONText.string(exchange.text)),
            ("routing_key", JSONText.string(key?.text)), ("outcome", JSONText.string(route.outcome.word)),
            ("queues", names { $0.doubt == nil }), ("perhaps", names { $0.doubt != nil }),
            ("returns_to", JSONText.array(returnsTo.map { JSONText.string($0.text) })),
            ("dead_ends", JSONText.array(route.deadEnds.map(\.json))),
        ])
    }

    private func names(_ isMeant: (Route.Arrival) -> Bool) -> String {
        JSONText.array(route.arrivals.filter(isMeant).map { JSONText.string($0.queue.text) })
    }
}

extension HeaderTable {
    /// The table as a JSON object.
    var json: String { JSONText.object(entries.map { ($0.name.text, $0.value.json) }) }
}

extension HeaderValue {
    /// The value in JSON.
    fileprivate var json: String {
        switch self {
        case .whole(let value): String(value)
        case .floating(let value): JSONText.number(value)
        case .flag(let value): value ? "true" : "false"
        case .text(let value): JSONText.string(value.text)
        case .list(let values): JSONText.array(values.map(\.json))
        case .void, .either, .unknown: "null"
        case .other(_, let text): JSONText.string(text)
        }
    }
}
