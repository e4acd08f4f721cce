import HTMLPages
import TopCore

extension IncidentReport {
    /// The most things of one kind that are named.
    private static let mostChanges = 40

    /// What was other at the end than at the beginning: versions, nodes, configuration, queues and exchanges. Figures
    /// have charts, and connections come and go among the events.
    var changesTable: String {
        guard let before, let after else { return "" }
        let difference = Difference(from: before, to: after)
        var rows: [[String]] = []
        for what in Difference.What.all where Self.isTold(what) {
            var found: [[String]] = []
            for (items, word) in [(difference.gone, "gone"), (difference.new, "new")] {
                found += items.filter { $0.what == what }.map { [Self.name($0), word] }
            }
            found += difference.changed.filter { $0.item.what == what && !$0.kind.isNumeric }.map { change in
                let (old, new) = (Self.text(change.before, change.kind), Self.text(change.after, change.kind))
                return [Self.name(change.item), "\(change.field.replacing("_", with: " ")): \(old) → \(new)"]
            }
            rows += found.prefix(Self.mostChanges).map { [what.text] + $0 }
            if found.count > Self.mostChanges {
                rows.append([what.text, "and \(found.count - Self.mostChanges) more", ""])
            }
        }
        guard !rows.isEmpty else { return "" }
        return "<h2>What is other at the end</h2>"
            + HTMLPage.table(["", "name", "change"], rows.map { $0.map(HTMLText.escaped) })
    }

    private static func isTold(_ what: Difference.What) -> Bool {
        switch what {
        case .cluster, .node, .configured, .queue, .exchange: true
        case .finding, .connection, .channel, .consumer: false
        }
    }

    private static func name(_ item: Difference.Item) -> String {
        let name = item.name.isEmpty ? "(no name)" : item.name.text
        return item.vhost.map { "\(name) in \($0)" } ?? name
    }

    private static func text(_ value: Value, _ kind: ColumnKind) -> String {
        ValueFormat().text(value, kind, now: .distantPast)
    }
}
