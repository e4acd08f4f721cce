public import Faults
import Foundation
import Names

extension State {
    /// Returns what to do about an event and what it is related to: for an error, its cause; for a fault, its effects
    /// and when each application recovered; for folded events, each of them.
    public func story(of entry: LedgerEntry) -> [DetailSection] {
        let format = ValueFormat()
        var sections: [DetailSection] = []
        if let advice = entry.advice {
            let code = entry.code.map(String.init) ?? entry.kind.rawValue
            sections.append(DetailSection(title: "What to do", fields: [DetailField(code, advice.words)]))
        }
        if let fold = fold(of: entry.id), entry == fold.row {
            let shown = fold.entries.suffix(Self.storyLength).reversed()
            sections.append(
                DetailSection(
                    title: "Folded, the newest first",
                    fields: shown.map { DetailField(format.clock($0.at, now: now), $0.line) }))
        }
        guard let label = entry.fault else { return sections }
        if entry.kind != .fault, let cause = ledger.cause(of: entry) {
            sections.append(
                DetailSection(
                    title: "Cause",
                    fields: [
                        DetailField(format.clock(cause.at, now: now), cause.text),
                        DetailField("came after", Self.seconds(entry.at.timeIntervalSince(cause.at))),
                    ]))
        } else if entry.kind != .fault {
            sections.append(DetailSection(title: "Cause", fields: [DetailField("fault", label)]))
        }
        let recoveries = ledger.recoveries(of: label).filter { entry.kind == .fault || entry.isAbout($0.application) }
        if !recoveries.isEmpty {
            sections.append(
                DetailSection(
                    title: "Recovery", fields: recoveries.map { DetailField($0.application.description, words($0)) }))
        }
        if entry.kind == .fault {
            let effects = ledger.effects(of: label)
            // Newest first, visible without scrolling.
            let shown = effects.suffix(Self.storyLength).reversed()
            var fields = shown.map { DetailField(format.clock($0.at, now: now), $0.line) }
            if effects.count > shown.count {
                fields.append(DetailField("and", "\(format.count(effects.count - shown.count)) more before"))
            }
            if fields.isEmpty {
                fields = [DetailField("nothing", "no error or closure that it can have caused was seen")]
            }
            sections.append(DetailSection(title: "What followed", fields: fields))
            let name = label.prefix { $0 != " " }
            if let description = FaultCatalogue[String(name)] {
                var fields = [
                    DetailField("it", description.does), DetailField("who is hit", description.blast),
                    DetailField("application sees", description.application),
                ]
                if let undo = description.undo { fields.append(DetailField("undone", undo)) }
                if let record = faults.last(where: { $0.label == label }) {
                    fields.append(DetailField("state", record.state.rawValue))
                    if record.hits > 0 {
                        fields.append(DetailField("struck", record.hits == 1 ? "once" : "\(record.hits) times"))
                    }
                }
                sections.append(DetailSection(title: description.title, fields: fields))
            }
        }
        return sections
    }

    /// Returns how a connection, a channel or a consumer ended, according to the ledger; `nil` when it has no matching
    /// entry.
    public func end(of id: RowID) -> String? {
        let connection: Name
        var channel: Int?
        switch id {
        case .connection(let name): connection = name
        case .channel(let id): (connection, channel) = (id.connection, id.number)
        case .consumer(let id):
            guard let name = id.connection else { return nil }
            (connection, channel) = (name, id.channel?.number)
        case .overview, .queue, .exchange, .node, .event, .client, .lab, .named: return nil
        }
        guard let ended = table(of: view)?.ended, ended.id == id else { return nil }
        // The first list without the row arrives some seconds after its end.
        let earliest = ended.at.addingTimeInterval(-Self.endPeriod)
        let entry = ledger.entries.last { entry in
            guard entry.at >= earliest, let name = entry.connection, Name(name) == connection else {
                return false
            }
            switch entry.kind {
            case .closed, .error: return entry.scope == .connection || (channel != nil && entry.channel == channel)
            case .cancelled: return channel != nil && entry.channel == channel
            case .opened, .returned, .blocked, .unblocked, .alarm, .authentication, .action, .source, .fault,
                .recovered, .finding:
                return false
            }
        }
        return entry?.line
    }

    private static let endPeriod = 15.0

    private static let storyLength = 200

    /// Formats seconds with three decimals.
    private static func seconds(_ seconds: Double) -> String { "\((max(0, seconds) * 1_000).rounded() / 1_000) s" }

    private func words(_ recovery: Recovery) -> String {
        guard let seconds = recovery.seconds else {
            let waited = ValueFormat().duration(max(0, now.timeIntervalSince(recovery.struckAt)).rounded(.down))
            return "not working again yet, for \(waited)"
        }
        var text = "worked again after \(Self.seconds(seconds))"
        for (count, one, many) in [
            (recovery.redelivered, "message redelivered", "messages redelivered"),
            (recovery.channelsReopened, "channel reopened", "channels reopened"),
        ] where count > 0 {
            text += ", \(count) \(count == 1 ? one : many)"
        }
        return text
    }
}

extension LedgerEntry {
    fileprivate func isAbout(_ application: Application) -> Bool {
        self.application == application.name
    }

    /// The entry as one line of another entry's story.
    fileprivate var line: String {
        var parts = [kind.rawValue]
        if let code { parts.append(codeName.map { "\(code) \($0)" } ?? String(code)) }
        if let who = clientName ?? application ?? connection {
            parts.append(channel.map { "\(who) channel \($0)" } ?? who)
        }
        let summary = summary
        return parts.joined(separator: " ") + (summary.isEmpty ? "" : ": " + summary)
    }
}
