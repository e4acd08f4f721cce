import Foundation

/// What changed between the mark and the time that is shown, as a page that scrolls. It follows the time that is shown.
public struct DifferenceView: Sendable, Equatable {
    /// The difference.
    public internal(set) var difference: Difference
    /// The number of lines scrolled.
    public internal(set) var scroll = 0
    /// Which of the two times is the mark, and whether the other one is now.
    public internal(set) var course: Course
    /// The time that was compared; `nil` for the present.
    var past: Date?
    /// When it was compared last.
    var comparedAt: Date
    /// Whether something was reported since.
    var isOutdated = false

    /// Which of the two times is the mark, and whether the other one is now.
    public enum Course: Sendable, Equatable {
        /// From the mark to now: the page changes with every report.
        case toPresent
        /// From the mark to a later time that is shown.
        case toLater
        /// From an earlier time that is shown to the mark.
        case fromEarlier
    }

    /// Seconds between two comparisons, at least; longer for more rows, of which a comparison takes longer.
    static func interval(rows: Int) -> Double { max(1, Double(rows) / 2_000) }
}

extension State {
    /// Shows what changed since the mark; before its time, what changed until it.
    func changesPage() -> OverlayOutcome {
        guard let page = comparison() else { return .says("No mark is set: m sets one", .info) }
        return .shows(.difference(page))
    }

    /// Compares what is shown with the mark; `nil` without one.
    private func comparison() -> DifferenceView? {
        guard let mark else { return nil }
        let shown = moment
        let isEarlier = shown.at < mark.at
        return DifferenceView(
            difference: isEarlier ? Difference(from: shown, to: mark) : Difference(from: mark, to: shown),
            course: isEarlier ? .fromEarlier : isPresent ? .toPresent : .toLater, past: past?.at, comparedAt: clock)
    }

    /// Compares again when the page is open and something else is shown than was compared. Its place stays.
    mutating func followChanges(after event: Event) {
        guard case .difference(var page)? = overlay else { return }
        switch event {
        case .snapshot: page.isOutdated = page.isOutdated || isPresent
        case .moment: page.isOutdated = true
        case .key, .paste, .pointer, .resized, .viewport, .entries, .reports, .operation, .curves, .recording,
            .clusters, .clusterChange, .tick:
            break
        }
        let elapsed = abs(clock.timeIntervalSince(page.comparedAt))
        // Where the user goes is shown at once; what goes on by itself is compared from time to time.
        let isLed = page.past != past?.at && playback?.isPlaying != true
        let rows = queues.rows.count + channels.rows.count + connections.rows.count + consumers.rows.count
        if isLed || page.isOutdated && elapsed >= DifferenceView.interval(rows: rows), var next = comparison() {
            next.scroll = page.scroll
            page = next
        }
        overlay = .difference(page)
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
