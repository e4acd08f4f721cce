import MessageRouting
import Names
import Screen

/// Topologies as graphs for programs that draw them.
struct TopologyDrawing {
    private enum Style {
        case binding, alternate, deadLetter
    }

    private struct Vertex {
        var id: String
        var node: Topology.Node
        var lines: [String]
        var isRemarkable: Bool
        var isMissing: Bool
    }

    private struct Edge {
        var from: String
        var to: String
        var label: String
        var style: Style
    }

    private struct Group {
        var vhost: Name
        var vertices: [Vertex] = []
        var edges: [Edge] = []
    }

    private var groups: [Group] = []

    init(_ topologies: [Topology]) {
        var count = 0
        for topology in topologies { groups.append(Self.group(topology, &count)) }
    }

    /// - Parameter count: the number of vertices so far, which makes their names. Names from outside are only labels.
    private static func group(_ topology: Topology, _ count: inout Int) -> Group {
        let marks = TopologyMarks(topology)
        var group = Group(vhost: topology.vhost)
        var ids: [Topology.Node: String] = [:]
        func add(_ node: Topology.Node, _ lines: [String]) {
            guard ids[node] == nil else { return }
            let id = "n\(count)"
            count += 1
            ids[node] = id
            let found = marks[node]
            group.vertices.append(
                Vertex(
                    id: id, node: node, lines: lines + found.map(\.words), isRemarkable: !found.isEmpty,
                    isMissing: found.contains(.missing)))
        }
        for node in topology.exchanges where isDrawn(node.exchange.name, marks) {
            add(
                .exchange(node.exchange.name),
                [node.exchange.name.text, node.exchange.type.text] + rates(node.rateIn, node.rateOut))
        }
        for node in topology.queues {
            add(
                .queue(node.queue.name),
                [node.queue.name.text] + (node.messages.map { ["\($0) messages"] } ?? []) + rates(nil, node.rateOut))
        }
        for node in marks.unlisted { add(node, [node.name.text]) }
        func draw(_ from: Topology.Node, _ to: Topology.Node, _ label: String, _ style: Style) {
            guard let from = ids[from], let to = ids[to] else { return }
            group.edges.append(Edge(from: from, to: to, label: label, style: style))
        }
        for binding in topology.bindings {
            let to = Topology.Node(binding.destination)
            var text = label(binding.key, binding.arguments)
            if case .queue(let queue) = to,
                let rate = topology.rates[Topology.Arrow(exchange: binding.source, queue: queue)]
            {
                text += " \(JSONText.number(rate))/s"
            }
            draw(.exchange(binding.source), to, text, .binding)
        }
        for node in topology.exchanges {
            guard let alternate = node.exchange.alternate.name else { continue }
            draw(.exchange(node.exchange.name), .exchange(alternate), "alternate", .alternate)
        }
        for node in topology.queues {
            guard let exchange = node.queue.deadLetterExchange.name else { continue }
            let key = node.queue.deadLetterKey.name
            // The default exchange hands on to the queue of that name, and is not drawn.
            let to: Topology.Node? = exchange.isEmpty ? key.map { .queue($0) } : .exchange(exchange)
            guard let to else { continue }
            let words = key.map { "dead letters, \($0.text)" } ?? "dead letters"
            draw(.queue(node.queue.name), to, Text.visible(words), .deadLetter)
        }
        return group
    }

    /// Whether an exchange is drawn: not the default exchange, nor what every vhost has and nobody uses.
    private static func isDrawn(_ name: Name, _ marks: TopologyMarks) -> Bool {
        !name.isEmpty && !(name.hasPrefix("amq.") && marks[.exchange(name)].contains(.unbound))
    }

    private static func rates(_ rateIn: Double?, _ rateOut: Double?) -> [String] {
        let texts = [
            rateIn.map { "in \(JSONText.number($0))/s" }, rateOut.map { "out \(JSONText.number($0))/s" },
        ].compactMap { $0 }
        return texts.isEmpty ? [] : [texts.joined(separator: " ")]
    }

    // MARK: Graphviz

    /// The graph in the language of Graphviz.
    var dot: String {
        var lines = ["digraph topology {", "  rankdir=LR;", "  node [fontsize=10];", "  edge [fontsize=9];"]
        for (index, group) in groups.enumerated() {
            lines.append("  subgraph cluster_\(index) {")
            lines.append("    label=\(Self.dotText(["vhost \(group.vhost.text)"]));")
            for vertex in group.vertices {
                let shape = vertex.node.isQueue ? "cylinder" : "box"
                var attributes = "label=\(Self.dotText(vertex.lines)), shape=\(shape)"
                if vertex.isRemarkable { attributes += ", color=red" }
                if vertex.isMissing { attributes += ", style=dashed" }
                lines.append("    \(vertex.id) [\(attributes)];")
            }
            for edge in group.edges {
                let style =
                    switch edge.style {
                    case .binding: ""
                    case .alternate: ", style=dashed"
                    case .deadLetter: ", style=dotted"
                    }
                lines.append("    \(edge.from) -> \(edge.to) [label=\(Self.dotText([edge.label]))\(style)];")
            }
            lines.append("  }")
        }
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }

    /// Returns lines as a quoted text of Graphviz, in which a backslash begins an escape.
    private static func dotText(_ lines: [String]) -> String {
        let escaped = lines.map { line in
            var text = ""
            for scalar in Text.visible(line).unicodeScalars {
                if scalar == "\"" || scalar == "\\" { text += "\\" }
                // Graphviz reads entities of HTML in labels.
                if scalar == "&" { text += "&amp;" } else { text.unicodeScalars.append(scalar) }
            }
            return text
        }
        return "\"" + escaped.joined(separator: "\\n") + "\""
    }

    // MARK: Mermaid

    /// The graph as a flow chart of Mermaid.
    var mermaid: String {
        var lines = ["flowchart LR"]
        for (index, group) in groups.enumerated() {
            lines.append("  subgraph v\(index)[\(Self.mermaidText(["vhost \(group.vhost.text)"]))]")
            for vertex in group.vertices {
                let text = Self.mermaidText(vertex.lines)
                lines.append("    \(vertex.id)\(vertex.node.isQueue ? "[(\(text))]" : "[\(text)]")")
            }
            for edge in group.edges {
                let arrow =
                    switch edge.style {
                    case .binding: "-->"
                    case .alternate: "-.->"
                    case .deadLetter: "==>"
                    }
                let label = edge.label.isEmpty ? "" : "|\(Self.mermaidText([edge.label]))|"
                lines.append("    \(edge.from) \(arrow)\(label) \(edge.to)")
            }
            lines.append("  end")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Returns lines as a quoted text of Mermaid. Every character of ASCII that is no letter, digit or harmless sign
    /// becomes an entity by number, so that none of them has a meaning there.
    private static func mermaidText(_ lines: [String]) -> String {
        let escaped = lines.map { line in
            var text = ""
            for scalar in Text.visible(line).unicodeScalars {
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", " ", ".", ",", "/", "_", "-": text.unicodeScalars.append(scalar)
                case _ where scalar.isASCII: text += "#\(scalar.value);"
                default: text.unicodeScalars.append(scalar)
                }
            }
            return text
        }
        return "\"" + escaped.joined(separator: "<br/>") + "\""
    }
}
