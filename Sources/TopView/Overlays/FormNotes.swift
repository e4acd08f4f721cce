import Screen
import TopCore

/// The notes below the fields of a form, updated as the user types.
struct FormNotes {
    private let notes: [(label: String, lines: [String])]

    init(_ notes: [FormNote], width: Int, _ marks: Marks) {
        self.notes = notes.map { note in
            (note.label, Wrap.words(Text.visible(marks.plain("\(note.label): \(note.text)")), width: width))
        }
    }

    /// The number of lines needed to show all notes.
    var rows: Int { notes.reduce(0) { $0 + $1.lines.count } }

    /// Draws the lines that fit: the first line of every note before any second line.
    func draw(in rect: Rect, on canvas: inout Canvas) {
        var given = notes.map { _ in 0 }
        var left = rect.height
        var isGiving = true
        while left > 0, isGiving {
            isGiving = false
            for index in notes.indices where left > 0 && given[index] < notes[index].lines.count {
                given[index] += 1
                left -= 1
                isGiving = true
            }
        }
        var y = rect.minY
        for (note, count) in zip(notes, given) {
            for (index, line) in note.lines.prefix(count).enumerated() {
                let rest = index == count - 1 ? note.lines.dropFirst(count).joined(separator: " ") : ""
                let text = rest.isEmpty ? line : "\(line) \(rest)"
                let label = note.label + ":"
                let spans =
                    index == 0 && text.hasPrefix(label)
                    ? [Span(label, .accent), Span(String(text.dropFirst(label.count)))] : [Span(text)]
                canvas.write(spans, x: rect.minX, y: y, width: rect.width)
                y += 1
            }
        }
    }
}
