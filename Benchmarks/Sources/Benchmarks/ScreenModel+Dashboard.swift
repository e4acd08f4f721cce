import Foundation

/// What the benchmark recognizes of rabbittop's screen.
extension ScreenModel {
    /// The first frame is there: the tabs, and the last entry of the line of keys, which is written last.
    var isFrameComplete: Bool {
        row(height - 1).contains("q Quit") && rows.contains { $0.contains("1 Overview") && $0.contains("9 Client") }
    }

    /// The name of a queue of ours is in a row of the table.
    var hasQueueRow: Bool { rows.contains { $0.contains(BenchmarkBroker.queuePrefix) } }

    /// The headings of the table, with the mark at the one it is sorted by.
    var headings: String { rows.first { $0.contains(" NAME ") && $0.contains("READY") } ?? "" }

    /// The row that is selected: its queue's name.
    var selectedName: String {
        guard let row = rows.first(where: { $0.hasPrefix(">") }) else { return "" }
        return row.split(separator: " ").first { $0.hasPrefix(BenchmarkBroker.queuePrefix) }.map(String.init) ?? ""
    }

    /// The filter as it is typed, with its slash; empty when none is. How many rows match stands to the right of it.
    var filterLine: String {
        let row = row(height - 2)
        return row.hasPrefix(" /") ? String(row.prefix(60)) : ""
    }

    /// The title of the view, without the numbers of the rows on the screen.
    var viewTitle: String {
        let tabs = rows.firstIndex { $0.contains("1 Overview") && $0.contains("9 Client") } ?? 0
        return row(min(tabs + 1, height - 1)).split(separator: " ").first.map(String.init) ?? ""
    }

    /// The help is open over the view.
    var isHelpOpen: Bool { rows.contains { $0.contains("Show or close this help") || $0.contains("Show queues") } }
}
