import Faults
import Foundation
import Names

extension State {
    /// What is known at the time that is shown.
    public var moment: Moment {
        var moment = Moment(at: now)
        moment.cluster = cluster
        moment.queues = queues.part(isWhole: hasAllQueues)
        let isWide = scope == nil && vhost == nil
        moment.connections = connections.part(isWhole: isWide)
        moment.channels = channels.part(isWhole: isWide)
        moment.consumers = consumers.part(isWhole: isWide)
        moment.exchanges = exchanges.part(isWhole: isWide)
        moment.client = client.part(isWhole: true)
        moment.configuration = configuration
        moment.sources = sources
        moment.faults = faults
        moment.entries = events.rows
        moment.findings = diagnosis.findings
        return moment
    }

    mutating func setMark() {
        mark = moment
        tell("Marked \(words(now)): M shows what changed since", .success)
    }

    /// Shows what changed since the mark; before its time, what changed until it.
    func changesPage() -> OverlayOutcome {
        guard let mark else { return .says("No mark is set: m sets one", .info) }
        let shown = moment
        let difference =
            shown.at < mark.at ? Difference(from: shown, to: mark) : Difference(from: mark, to: shown)
        return .shows(.difference(DifferenceView(difference)))
    }
}

extension Table {
    /// Returns the rows as a list; `nil` when nothing is known.
    ///
    /// - Parameter isWhole: Whether all rows were asked for. They were not where the view is filtered.
    fileprivate func part(isWhole: Bool) -> ListPart<Row>? where Row: Equatable {
        guard let at else { return nil }
        var rows = rows
        if let ended, let place = places[ended.id] { rows.remove(at: place) }
        // A list without all rows says so by a total above their number.
        let isComplete = isWhole && filter == .none && total <= rows.count && undecodable == 0
        return ListPart(
            at: at, rows: rows, total: isComplete ? rows.count : max(total, rows.count + 1), undecodable: undecodable,
            isWhole: isComplete)
    }
}

/// What changed between two times, as a page that scrolls.
public struct DifferenceView: Sendable, Equatable {
    /// The difference.
    public var difference: Difference
    /// The number of lines scrolled.
    public var scroll = 0

    /// Creates a page.
    public init(_ difference: Difference) {
        self.difference = difference
    }
}

extension DifferenceView: OverlayContent {
    mutating func take(_ input: OverlayInput) -> OverlayOutcome? {
        switch input {
        case .command(.back), .command(.accept): return .closes
        case .command(.write): return .covers(with: .form(writeForm))
        case .move(let command, let room): scroll = command.scrolled(scroll, room)
        case .key, .paste, .command, .press: return nil
        }
        return .stays
    }

    private var writeForm: Form {
        let time = ValueFormat().dateAndTime(difference.to).prefix(19).replacing(" ", with: "-").replacing(
            ":", with: "")
        return Form(
            title: "Write what changed to a file", purpose: .writeDifference(difference),
            fields: [
                Form.Field(
                    key: Form.Key.file, label: "File", kind: .text, value: "rabbittop-changes-\(time).txt",
                    hint: ".txt .json")
            ], submitLabel: "Write")
    }
}

extension Form {
    /// Writes what changed, or marks a name whose suffix names no format.
    func submitted(toWrite difference: Difference, in state: State) -> OverlayOutcome {
        var form = self
        let path = form[Form.Key.file]?.editor.text.trimmingCharacters(in: .whitespaces) ?? ""
        switch Export.Format(pathExtension: (path as NSString).pathExtension) {
        case .table: return .starts(.write(WriteRequest(path: path, content: .text(difference.text()))))
        case .json: return .starts(.write(WriteRequest(path: path, content: .text(difference.json))))
        case .jsonl, .csv, nil:
            form.note(Form.Key.file, "must end in .txt or .json")
            _ = form.focusOnProblem()
            return .fills(form)
        }
    }
}
