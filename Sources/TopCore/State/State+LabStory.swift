import Experiments
import Foundation

extension State {
    /// Returns the details of an experiment variant: its description, the progress of its run and the result.
    public func story(of row: LabRow) -> [DetailSection] {
        var sections: [DetailSection] = []
        func add(_ title: String, _ fields: [DetailField]) {
            if !fields.isEmpty { sections.append(DetailSection(title: title, fields: fields)) }
        }
        let about = [
            DetailField("experiment", row.experiment.title), DetailField("what happens", row.experiment.story),
            DetailField(row.variant.isCure ? "the cure" : "the mistake", row.variant.what),
            DetailField("expected", row.variant.expectation),
        ]
        guard let run = row.run else {
            add("About", about)
            add("Settings", row.experiment.settings.map { DetailField($0.name, "\($0.typed)  \($0.meaning)") })
            return sections
        }
        if case .ended(.fail, let why) = run.phase { add("Verdict", [DetailField("fail", why)]) }
        add(
            "Expected",
            run.expectations.map { DetailField($0.holds ? "yes" : "NO", "\($0.what): \($0.found)") })
        add("In force", run.faults.map { DetailField("fault", $0) })
        add("Ledger", run.fields)
        let lines = run.phase == .running ? run.lines.suffix(Self.newest) : run.lines[...]
        add(
            "What happened",
            lines.reversed().map { DetailField(Self.second($0.at), "\($0.kind.mark)\($0.words)") })
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

extension LabMoment.Kind {
    fileprivate var mark: String {
        switch self {
        case .note: ""
        case .fault: "fault: "
        case .error: "error: "
        case .recovery: "recovered: "
        }
    }
}

extension LabRunPart {
    /// The counts that are not zero; the main ones always.
    fileprivate var fields: [DetailField] {
        let main: [LabFigure] = [
            .published, .confirmed, .consumed, .distinct, .duplicates, .lost, .missing, .errors,
        ]
        let others = LabFigure.allCases.filter { !main.contains($0) && counts[$0] > 0 }
        return (main + others).map { figure in
            DetailField(figure.rawValue, self[figure].map { ValueFormat.grouped($0) } ?? "known at the end")
        }
    }
}

extension ExperimentDescription.Setting {
    /// The default as a user types it.
    var typed: String {
        if case .flag(let flag) = value { flag ? Form.Field.on : Form.Field.off } else { value.text }
    }
}
