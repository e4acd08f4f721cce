import Foundation

extension State {
    /// Returns the details of an experiment variant: its description, the progress of its run and the result.
    public func story(of row: LabRow) -> [DetailSection] {
        var sections: [DetailSection] = []
        func add(_ title: String, _ fields: [DetailField]) {
            if !fields.isEmpty { sections.append(DetailSection(title: title, fields: fields)) }
        }
        let about = [
            DetailField("experiment", row.title), DetailField("what happens", row.story),
            DetailField(row.isCure ? "the cure" : "the mistake", row.what), DetailField("expected", row.expectation),
        ]
        guard let run = row.run else {
            add("About", about)
            add("Settings", row.settings.map { DetailField($0.name, "\($0.value)  \($0.meaning)") })
            return sections
        }
        if case .failed(let why) = run.phase { add("Verdict", [DetailField("fail", why)]) }
        add(
            "Expected",
            run.expectations.map { DetailField($0.holds ? "yes" : "NO", "\($0.what): \($0.found)") })
        add("In force", run.faults.map { DetailField("fault", $0) })
        add("Ledger", run.figures.fields)
        let lines = run.phase == .running ? run.lines.suffix(Self.newest) : run.lines[...]
        add(
            "What happened",
            lines.reversed().map { DetailField(Self.second($0.at), "\($0.kind.mark)\($0.text)") })
        add(
            "Queues", run.depths.sorted { $0.key < $1.key }.map { DetailField($0.key, "\($0.value) ready") })
        add(
            "Channels",
            run.channels.prefix(Self.mostChannels).map { channel in
                DetailField(
                    "\(channel.connection) \(channel.number)",
                    "\(channel.state), \(channel.unacked) unacked, \(channel.unconfirmed) unconfirmed")
            }
                + (run.channels.count > Self.mostChannels
                    ? [DetailField("more", "\(run.channels.count - Self.mostChannels) channels")] : []))
        add("Figures of its own", run.details)
        for table in run.tables { add(table.title, table.fields) }
        add("About", about)
        return sections
    }

    private static let mostChannels = 12
    /// The number of recent events shown during a run, so that queues and channels stay visible.
    private static let newest = 8

    /// `12.3 s`
    private static func second(_ seconds: Double) -> String {
        let tenths = Int((max(0, min(seconds, 1e6)) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}

extension LabRunPart.Line.Kind {
    fileprivate var mark: String {
        switch self {
        case .note: ""
        case .fault: "fault: "
        case .error: "error: "
        case .recovery: "recovered: "
        }
    }
}

extension LabRunPart.Figures {
    /// The figures that are not zero; the main ones always.
    fileprivate var fields: [DetailField] {
        let always: [(String, Int?)] = [
            ("published", published), ("confirmed", confirmed), ("consumed", consumed), ("distinct", distinct),
            ("duplicates", duplicates), ("lost", lost), ("missing", missing), ("errors", errors),
        ]
        let others = [
            ("nacked", nacked), ("returned", returned), ("indeterminate", indeterminate), ("expired", expired),
        ].filter { $0.1 > 0 }
        return always.map { DetailField($0.0, $0.1.map { ValueFormat.grouped($0) } ?? "known at the end") }
            + others.map { DetailField($0.0, ValueFormat.grouped($0.1)) }
    }
}
