import Foundation

extension Form.Key {
    static let file = "file"
}

extension State {
    /// Asks for the file that the view is written to.
    func writeForm() -> OverlayOutcome {
        let isPage = hasPage && (view == .lab || !faults.isEmpty)
        let suffix = isPage ? "html" : view == .events ? "jsonl" : "csv"
        let time = ValueFormat().dateAndTime(now).prefix(19).replacing(" ", with: "-").replacing(":", with: "")
        var lines = ["All rows of the view as it stands: its filter, its order, every column."]
        if hasPage {
            lines.append(
                view == .lab
                    ? ".html is a page about the experiment's runs here: timeline, ledger and why."
                    : ".html is a page about the faults and what followed: timeline, errors, recoveries.")
        }
        return .fills(
            Form(
                title: "Write \(view.title.lowercased()) to a file", purpose: .write(view), lines: lines,
                fields: [
                    Form.Field(
                        key: Form.Key.file, label: "File", kind: .text,
                        value: "rabbittop-\(view.rawValue)-\(time).\(suffix)", hint: suffixes)
                ], submitLabel: "Write"))
    }

    /// Whether an HTML page can be written besides the rows.
    fileprivate var hasPage: Bool {
        switch view {
        case .events: true
        case .lab: lab.selected.map { row in lab.sortedRows.contains { $0.isOver(of: row.id.experiment) } } ?? false
        default: false
        }
    }

    fileprivate var suffixes: String { ".csv .json .jsonl .txt" + (hasPage ? " .html" : "") }
}

extension Form {
    /// Writes the view as it stands, or marks a name whose suffix names no format.
    func submitted(toWrite view: ViewID, in state: State) -> OverlayOutcome {
        var form = self
        let path = form[Form.Key.file]?.editor.text.trimmingCharacters(in: .whitespaces) ?? ""
        let suffix = (path as NSString).pathExtension
        let content: WriteRequest.Content
        if suffix.lowercased() == "html", state.hasPage {
            content =
                view == .lab
                ? .labReport(experiment: state.lab.selected?.id.experiment ?? "") : .faultReport(state.faultReport)
        } else if let format = Export.Format(pathExtension: suffix),
            let text = try? Export.text(of: view, in: state, format: format)
        {
            content = .text(text)
        } else {
            form.note(Form.Key.file, "must end in " + state.suffixes)
            return .fills(form)
        }
        return .starts(.write(WriteRequest(path: path, content: content)))
    }
}

extension LabRow {
    /// Whether the row is a variant of this experiment whose run in this session has ended.
    fileprivate func isOver(of experiment: String) -> Bool {
        id.experiment == experiment && run != nil && run?.phase != .running
    }
}
