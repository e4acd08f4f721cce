import Foundation
import Names
import Screen

extension Difference {
    /// A line of the text.
    public struct Line: Sendable, Equatable {
        /// What a line says.
        public enum Kind: Sendable { case title, heading, gone, new, changed, note }
        /// What the line says.
        public var kind: Kind
        /// The line, without a mark before it.
        public var text: String
    }

    /// The most lines of one kind of thing and one kind of change in the text.
    static let mostLines = 100

    /// Returns the difference as lines for people. Names in it are as they came from outside.
    public func lines(_ format: ValueFormat) -> [Line] {
        var lines = [Line(kind: .title, text: title(format))]
        for what in What.all {
            guard let count = counts[what] else { continue }
            let parts = [
                (count.gone, what == .finding ? "over" : "gone"), (count.new, "new"), (count.changed, "changed"),
            ].filter { $0.0 > 0 }.map { "\(ValueFormat.grouped($0.0)) \($0.1)" }
            lines.append(Line(kind: .heading, text: "\(Self.title(what)): \(parts.joined(separator: ", "))"))
            lines += Self.listed(gone.filter { $0.what == what }, of: count.gone, .gone) { Self.words($0) }
            lines += Self.listed(new.filter { $0.what == what }, of: count.new, .new) { Self.words($0) }
            lines += Self.listed(changed.filter { $0.item.what == what }, of: count.changed, .changed) {
                words($0, format)
            }
        }
        if isEmpty {
            let words = sides == nil ? "Nothing changed, as far as is known." : "Nothing differs, as far as is known."
            lines.append(Line(kind: .note, text: words))
        }
        if !unknown.isEmpty {
            lines.append(Line(kind: .heading, text: "Not known"))
            lines += unknown.map { Line(kind: .note, text: $0) }
        }
        return lines
    }

    private func title(_ format: ValueFormat) -> String {
        if let sides { return "What differs in \(sides.to) from \(sides.from)" }
        let lasted = format.duration(max(0, to.timeIntervalSince(from)).rounded(.down))
        return "What changed from \(format.dateAndTime(from)) to \(format.dateAndTime(to)), \(lasted) later"
    }

    private static func listed<Element>(
        _ elements: [Element], of count: Int, _ kind: Line.Kind, _ words: (Element) -> String
    ) -> [Line] {
        let shown = elements.prefix(mostLines)
        var lines = shown.map { Line(kind: kind, text: words($0)) }
        if count > shown.count {
            lines.append(Line(kind: .note, text: "and \(ValueFormat.grouped(count - shown.count)) more"))
        }
        return lines
    }

    private static func title(_ what: What) -> String {
        let words = what == .cluster ? "cluster" : what.plural
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    private static func words(_ item: Item) -> String {
        let remark = item.remark.map { $0.isEmpty ? "" : "  \($0)" } ?? ""
        let name = item.name.isEmpty ? "(no name)" : item.name.text
        guard let vhost = item.vhost, vhost != "/" else { return name + remark }
        return "\(name)  (vhost \(vhost))\(remark)"
    }

    private func words(_ change: Change, _ format: ValueFormat) -> String {
        func text(_ value: Value) -> String { format.text(value, change.kind, now: to) }
        let unit = change.kind == .rate ? "/s" : ""
        let field = change.field.replacing("_", with: " ")
        return "\(Self.words(change.item))  \(field)  \(text(change.before))\(unit) → \(text(change.after))\(unit)"
    }

    /// Returns the difference as text for a file or a terminal, without control characters.
    public func text(_ format: ValueFormat = ValueFormat()) -> String {
        lines(format).map { line in
            let text = Text.visible(line.text)
            return switch line.kind {
            case .title: text
            case .heading: "\n" + text
            case .gone: "  - " + text
            case .new: "  + " + text
            case .changed: "  ~ " + text
            case .note: "    " + text
            }
        }.joined(separator: "\n") + "\n"
    }

    /// The difference as JSON: `{"from","to","gone":[…],"new":[…],"changed":[{"what","vhost","name","field","before",
    /// "after"}],"counts":[…],"unknown":[…]}` and a line feed. `counts` has all, the lists at most 200 of each kind.
    public var json: String {
        func members(_ item: Item) -> [(String, String)] {
            [
                ("what", JSONText.string(item.what.text)), ("vhost", JSONText.string(item.vhost?.text)),
                ("name", JSONText.string(item.name.text)),
            ]
        }
        func list(_ objects: [String]) -> String { "[" + objects.joined(separator: ",") + "]" }
        func items(_ items: [Item]) -> String {
            list(items.map { JSONText.object(members($0) + [("remark", JSONText.string($0.remark?.text))]) })
        }
        let changes = changed.map { change in
            JSONText.object(
                members(change.item) + [
                    ("field", JSONText.string(change.field)), ("before", JSONText.value(change.before)),
                    ("after", JSONText.value(change.after)),
                ])
        }
        let counted = What.all.compactMap { what in
            counts[what].map { count in
                JSONText.object([
                    ("what", JSONText.string(what.text)), ("gone", String(count.gone)), ("new", String(count.new)),
                    ("changed", String(count.changed)),
                ])
            }
        }
        return JSONText.object([
            ("from", JSONText.string(sides?.from ?? CivilTime.rfc3339(from))),
            ("to", JSONText.string(sides?.to ?? CivilTime.rfc3339(to))),
            ("gone", items(gone)), ("new", items(new)), ("changed", list(changes)), ("counts", list(counted)),
            ("unknown", list(unknown.map { JSONText.string($0) })),
        ]) + "\n"
    }
}
