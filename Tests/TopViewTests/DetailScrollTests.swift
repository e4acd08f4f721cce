import Faults
import Foundation
import Screen
import Testing

@testable import TopCore
@testable import TopView

@Suite("Details to their end")
struct DetailScrollTests {
    /// A queue with long details, its pane open.
    private func open(_ size: Size, sections: Int = 6) -> State {
        var state = Sample.state(.queues, size: size)
        state.press(.enter)
        let told = (0..<sections).map { section in
            DetailSection(
                title: "Section \(section)",
                fields: (0..<9).map {
                    DetailField("field \(section).\($0)", String(repeating: "long words ", count: $0 * 2))
                })
        }
        _ = update(
            &state, .snapshot(.detail(DetailPart(at: Sample.now, row: .queue(Sample.orders), sections: told))),
            at: Sample.now)
        return state
    }

    /// Draws and tells the state what there was room for, as the program does.
    @discardableResult
    private func draw(_ state: inout State, _ size: Size) -> Rendering {
        let rendering = render(state, size: size, zone: .utc)
        _ = update(&state, .viewport(rows: rendering.tableRows, limits: rendering.limits), at: Sample.now)
        return rendering
    }

    @Test(
        "Ctrl-D comes to the last line at every size, and Ctrl-U leaves it at once",
        arguments: [(40, 10), (80, 24), (100, 50), (120, 40), (160, 30), (200, 60), (60, 12)])
    func keys(_ width: Int, _ height: Int) {
        let size = Size(width: width, height: height)
        var state = open(size)
        var screen = ""
        for _ in 0..<400 {
            let before = state.detailScroll
            screen = draw(&state, size).frame.text
            state.press(.control("d"))
            if state.detailScroll == before { break }
        }
        // On low screens the charts come last.
        #expect(screen.contains("field 5.8") || height < 30)
        let limit = state.detailScroll
        #expect(limit > 5)
        #expect(limit == render(state, size: size).limits.detail)
        state.press(.control("d"))
        state.press(.control("u"))
        #expect(state.detailScroll == limit - 5)
    }

    @Test("The wheel over the pane scrolls the pane, elsewhere the table")
    func wheel() {
        let size = Size(width: 120, height: 40)
        var state = open(size)
        let rendering = draw(&state, size)
        #expect(rendering.hit(Point(x: 100, y: 20)) == .detail)
        #expect(rendering.hit(Point(x: 10, y: 20)) != .detail)
        _ = update(&state, .pointer(.scrollDetail(lines: 3)), at: Sample.now)
        #expect(state.detailScroll == 3)
        #expect(state.queues.cursor == 0)
        _ = update(&state, .pointer(.scroll(lines: 3)), at: Sample.now)
        #expect(state.queues.cursor == 3)
        #expect(state.detailScroll == 0)
        // A click into the pane does nothing.
        _ = update(&state, .pointer(.detail), at: Sample.now)
        #expect(state.queues.cursor == 3)
    }

    @Test("Help and messages scroll to their end and back without keys that do nothing")
    func overlays() {
        let size = Size(width: 80, height: 24)
        for overlay in [
            Overlay.help(HelpView(scroll: 0)), Sample.overlays["message-binary"] ?? .help(HelpView(scroll: 0)),
        ] {
            var state = Sample.state(.queues, size: size)
            state.overlay = overlay
            let limit = draw(&state, size).limits.overlay
            guard limit > 0 else { continue }
            for _ in 0..<20 { state.press(.pageDown) }
            state.press("G")
            let last = draw(&state, size).frame.text
            state.press(.up)
            #expect(draw(&state, size).frame.text != last)
        }
    }

    @Test("The pane says each figure once, the row's newest, and how old the rest is")
    func oneFigure() {
        let size = Size(width: 120, height: 60)
        var state = Sample.state(.queues, size: size)
        state.press(.enter)
        let told = [
            DetailSection(title: "Queue", fields: [DetailField("type", "quorum"), DetailField("leader", "rabbit@a")]),
            DetailSection(
                title: "Messages",
                fields: [
                    DetailField("ready", "7,525"), DetailField("total", "7,614"), DetailField("persistent", "12"),
                    DetailField("process memory", "10.7 MiB"),
                ]),
        ]
        _ = update(
            &state,
            .snapshot(.detail(DetailPart(at: Sample.ago(3), row: .queue(Sample.orders), sections: told))),
            at: Sample.now)
        let text = render(state, size: size, zone: .utc).frame.text
        #expect(!text.contains("7,525") && !text.contains("7,614"))
        #expect(text.contains("persistent") && text.contains("leader"))
        #expect(text.contains("Queue  3s old"))
    }

    @Test("The pane of something that ended says so, with when and why")
    func ended() {
        let size = Size(width: 120, height: 40)
        var state = Sample.state(.channels, size: size)
        state.press(.down)
        state.press(.enter)
        let id = state.channels.selected?.id
        var part = SampleRows.channels(at: Sample.now)
        part.rows.removeAll { $0.id == id }
        var entry = LedgerEntry(
            at: Sample.now, kind: .error, scope: .channel, connection: id?.connection.text, channel: id?.number,
            code: 406,
            codeName: "PRECONDITION_FAILED", text: "PRECONDITION_FAILED - unknown delivery tag 7",
            source: .logExchange)
        entry.clientName = "rabbittop"
        _ = update(&state, .entries([entry], dropped: 0), at: Sample.now)
        _ = update(&state, .snapshot(.channels(part)), at: Sample.now.addingTimeInterval(9))
        let text = render(state, size: size, zone: .utc).frame.text
        #expect(text.contains("2026-11-21 08:30:00 UTC, 9s ago"))
        #expect(text.contains("406 PRECONDITION_FAILED"))
        #expect(text.contains(", 1 ended"))
        #expect(text.contains("ended"))
        #expect(!text.contains("asking the broker"))
        // The row is where it was, and marked.
        #expect(text.split(separator: "\n").contains { $0.hasPrefix(">✗") })
    }
}
