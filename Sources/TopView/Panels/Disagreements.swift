import Screen
import TopCore

/// The differences between rabbittop's client library and the broker about the same channel, in full.
struct Disagreements {
    private let rows: [ClientRow]

    init(rows: [ClientRow]) {
        self.rows = rows.filter { $0.brokerAgrees == false }
    }

    /// Returns the rows wanted below a table of this height; none on a low screen, where the table shows them.
    func rows(of height: Int) -> Int {
        rows.isEmpty || height < 14 ? 0 : min(rows.count + 1, height / 3)
    }

    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 1 else { return }
        canvas.rule(
            rect, title: [Span("\(canvas.marks.alert) Client and broker disagree", .critical)],
            trailing: [[Span("\(rows.count)", .critical)]])
        let body = rect.inset(left: 1, top: 1, right: 1)
        for (index, row) in rows.prefix(body.height).enumerated() {
            let who =
                (row.process.map { "\($0): " } ?? "") + (row.name ?? row.connection).text
                + (row.channel.map { " channel \($0)" } ?? "")
            let what = canvas.marks.plain(row.disagreement ?? "the broker reports something else")
            canvas.write(
                [Span(who + "  ", .strong), Span(what, .critical)], x: body.minX, y: body.minY + index,
                width: body.width)
        }
    }
}
