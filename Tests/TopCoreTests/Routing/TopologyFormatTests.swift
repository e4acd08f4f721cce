import Foundation
import MessageRouting
import Names
import Testing

@testable import TopCore

@Suite struct TopologyFormatTests {
    private typealias Exchange = RoutingModel.Exchange
    private typealias Queue = RoutingModel.Queue

    private static func binding(_ queue: Name, _ source: Name, _ key: Name) -> RoutingModel.Binding {
        RoutingModel.Binding(from: source, to: .queue(queue), key: key)
    }

    private static let small = Topology(
        vhost: "/",
        exchanges: [
            .init(Exchange("orders", .topic, alternate: "spare"), rateIn: 12, rateOut: 24),
            .init(Exchange("audit", .fanout)), .init(Exchange("spare", .fanout)),
            .init(Exchange("amq.direct", .direct)),
            .init(Exchange("ring", .fanout)), .init(Exchange("", .direct)),
        ],
        queues: [
            .init(
                Queue("work", deadLetterExchange: .name(""), deadLetterKey: .name("dead")), type: "quorum", messages: 5,
                consumers: 2, rateOut: 3),
            .init(Queue("log"), messages: 1, consumers: 0), .init(Queue("dead")), .init(Queue("lonely"), consumers: 1),
        ],
        bindings: [
            binding("work", "orders", "order.new"), binding("log", "audit", ""),
            .init(from: "orders", to: .exchange("audit"), key: "#"), .init(from: "ring", to: .exchange("ring")),
            binding("log", "spare", "x"),
        ], rates: [.init(exchange: "orders", queue: "work"): 2.5], gaps: ["policies: not permitted"])

    @Test("The tree unfolds each exchange once, with rates, marks and what is missing")
    func tree() {
        #expect(
            TopologyFormat.tree.text([Self.small]) == """
                vhost /
                  orders (topic, in 12/s, out 24/s)
                    [order.new] 2.5/s -> queue work (quorum, 5 messages, 2 consumers, out 3/s, dead letters to the \
                default exchange with key 'dead')
                    [#] -> audit (fanout)
                      [] -> queue log (1 message, 0 consumers)
                    alternate -> spare (fanout)
                      [x] -> queue log (1 message, 0 consumers)
                  ring (fanout)  ! in a loop
                    [] -> ring, again: a loop
                  Exchanges to which nothing is bound:
                    amq.direct (direct)  ! nothing is bound
                  Queues without a binding, which the default exchange knows by their names:
                    queue dead (messages not known, consumers not known)
                    queue lonely (messages not known, 1 consumer)  ! nothing leads here but its name
                  Not known: policies: not permitted

                """)
    }

    @Test("JSON has everything, in the order of bytes")
    func json() throws {
        let text = TopologyFormat.json.text([Self.small])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let vhost = try #require((object["vhosts"] as? [[String: Any]])?.first)
        let exchanges = try #require(vhost["exchanges"] as? [[String: Any]])
        #expect(
            exchanges.compactMap { $0["name"] as? String } == ["", "amq.direct", "audit", "orders", "ring", "spare"])
        #expect(exchanges[3]["alternate_exchange"] as? String == "spare")
        #expect(exchanges[4]["marks"] as? [String] == ["loop"])
        let bindings = try #require(vhost["bindings"] as? [[String: Any]])
        #expect(bindings.contains { $0["destination"] as? String == "work" && $0["rate"] as? Double == 2.5 })
        #expect(bindings.contains { $0["destination"] as? String == "log" && $0["rate"] is NSNull })
    }

    /// Names that mean something to Graphviz, Mermaid or a terminal, and two that only look alike.
    private static let hostile: [Name] = [
        "end", "\"]; x -> y [\"", "a\\", "back\\\"slash", "line\nfeed", "<b>html</b>", "&amp;", "#quot;", "[(x)]",
        "|p|",
        "`md`", "%%{init: {}}%%", "subgraph", "caf\u{e9}", "cafe\u{301}", "\u{202e}right", "\u{1b}[31m",
        Name(bytes: [0xFF, 0x22]), "'", "--> z", "click n0 \"http://x\"", "\r", "",
    ]

    private static let attack = Topology(
        vhost: "\"v\nhost",
        exchanges: hostile.map { .init(Exchange("x\($0)", .topic)) },
        queues: hostile.map { .init(Queue($0)) },
        bindings: hostile.map { binding($0, Name("x\($0)"), $0) })

    @Test("Graphviz reads every name as a label: the graph has these vertices and edges, and no others")
    func dot() throws {
        let graph = try DotGraph(TopologyFormat.dot.text([Self.attack]))
        let count = Self.hostile.count
        #expect(graph.vertices.count == 2 * count)
        #expect(graph.edges.count == count)
        let labels = Set(graph.vertices.values.map { $0.prefix { $0 != "\n" } })
        #expect(labels.contains("end") && labels.contains("a\\") && labels.contains("back\\\"slash"))
        #expect(labels.contains("line\\nfeed") && labels.contains("\\xFF\""))
    }

    @Test("Mermaid reads every name as a text: outside of quotes stands nothing from a broker")
    func mermaid() throws {
        let text = TopologyFormat.mermaid.text([Self.attack])
        var vertices = 0
        var edges = 0
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
            try #require(parts.count == 1 || parts.count == 3, "\(line)")
            if parts.count == 3 {
                #expect(parts[1].unicodeScalars.allSatisfy { !"`[](){}|\\%'".unicodeScalars.contains($0) }, "\(line)")
            }
            let frame = parts.count == 3 ? "\(parts[0])@\(parts[2])" : String(line)
            if frame.contains("-->") {
                #expect(frame.wholeMatch(of: #/    n\d+ -->(\|@\|)? n\d+/#) != nil, "\(frame)")
                edges += 1
            } else if frame.hasPrefix("    n") {
                #expect(frame.wholeMatch(of: #/    n\d+(\[@\]|\[\(@\)\])/#) != nil, "\(frame)")
                vertices += 1
            } else {
                #expect(frame.wholeMatch(of: #/flowchart LR|  subgraph v0\[@\]|  end/#) != nil, "\(frame)")
            }
        }
        #expect(vertices == 2 * Self.hostile.count && edges == Self.hostile.count)
    }

    @Test("Whatever order the broker lists things in, the text is the same", arguments: TopologyFormat.allCases)
    func order(_ format: TopologyFormat) {
        let other = Topology(
            vhost: Self.attack.vhost, exchanges: Self.attack.exchanges.reversed(),
            queues: Self.attack.queues.reversed(),
            bindings: Self.attack.bindings.reversed())
        #expect(format.text([Self.attack, Self.small]) == format.text([Self.small, other]))
    }

    @Test("Ten thousand queues are written in one go", .timeLimit(.minutes(1)), arguments: TopologyFormat.allCases)
    func large(_ format: TopologyFormat) {
        let names = (0..<10_000).map { Name("queue-\($0)") }
        let topology = Topology(
            vhost: "/", exchanges: [.init(Exchange("x", .topic))],
            queues: names.map { .init(Queue($0, deadLetterExchange: .name("x"))) },
            bindings: names.map { Self.binding($0, "x", "key.\($0)") })
        #expect(format.text([topology]).utf8.count > 10_000)
    }
}

/// A graph as Graphviz would read it: the part of its language that rabbittop writes.
private struct DotGraph {
    /// The labels of the vertices, by their names, with line ends for `\n`.
    var vertices: [String: String] = [:]
    var edges: [(String, String)] = []

    private enum Token: Equatable {
        case word(String), text(String), sign(Character)
    }

    struct Broken: Error {
        var what: String
    }

    init(_ text: String) throws {
        let tokens = try Self.tokens(text)
        var place = 0
        func next() throws -> Token {
            guard place < tokens.count else { throw Broken(what: "the end") }
            place += 1
            return tokens[place - 1]
        }
        func expect(_ token: Token) throws {
            let found = try next()
            guard found == token else { throw Broken(what: "\(found) for \(token)") }
        }
        func attributes() throws -> [String: String] {
            var found: [String: String] = [:]
            try expect(.sign("["))
            while true {
                guard case .word(let name) = try next() else { throw Broken(what: "no attribute") }
                try expect(.sign("="))
                switch try next() {
                case .word(let value), .text(let value): found[name] = value
                case .sign(let sign): throw Broken(what: "\(sign)")
                }
                let token = try next()
                if token == .sign("]") { return found }
                guard token == .sign(",") else { throw Broken(what: "\(token)") }
            }
        }
        try expect(.word("digraph"))
        _ = try next()
        try expect(.sign("{"))
        var depth = 1
        while depth > 0 {
            switch try next() {
            case .sign("}"): depth -= 1
            case .word("subgraph"):
                _ = try next()
                try expect(.sign("{"))
                depth += 1
            case .word(let name):
                let token = try next()
                if token == .sign("=") {
                    _ = try next()
                } else if token == .sign("[") {
                    place -= 1
                    let found = try attributes()
                    if name.hasPrefix("n"), name != "node" { vertices[name] = found["label"] ?? "" }
                } else if token == .sign("-") {
                    try expect(.sign(">"))
                    guard case .word(let other) = try next() else { throw Broken(what: "no target") }
                    _ = try attributes()
                    edges.append((name, other))
                }
                try expect(.sign(";"))
            case let token: throw Broken(what: "\(token)")
            }
        }
        guard place == tokens.count else { throw Broken(what: "more than a graph") }
        guard edges.allSatisfy({ vertices[$0.0] != nil && vertices[$0.1] != nil }) else {
            throw Broken(what: "an edge without a vertex")
        }
    }

    private static func tokens(_ text: String) throws -> [Token] {
        var tokens: [Token] = []
        var rest = Substring(text)
        while let first = rest.first {
            if first.isWhitespace {
                rest.removeFirst()
            } else if first == "\"" {
                rest.removeFirst()
                var value = ""
                while let character = rest.popFirst(), character != "\"" {
                    guard character == "\\" else {
                        value.append(character)
                        continue
                    }
                    guard let escaped = rest.popFirst() else { throw Broken(what: "a backslash at the end") }
                    value.append(escaped == "n" ? "\n" : escaped)
                }
                tokens.append(.text(value))
            } else if first.isASCII, first.isLetter || first.isNumber || first == "_" {
                let word = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
                rest.removeFirst(word.count)
                tokens.append(.word(String(word)))
            } else {
                rest.removeFirst()
                tokens.append(.sign(first))
            }
        }
        return tokens
    }
}
