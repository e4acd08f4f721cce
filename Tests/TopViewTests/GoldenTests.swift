import Foundation
import GoldenSupport
import Screen
import Testing

@testable import TopCore
@testable import TopView

/// Whole screens as text. To look at one: `less Tests/TopViewTests/Golden/<name>.txt`.
@Suite("Golden screens")
struct GoldenTests {
    static let small = Size(width: 40, height: 10)
    static let usual = Size(width: 80, height: 24)
    static let large = Size(width: 120, height: 40)
    static let huge = Size(width: 300, height: 100)

    static func expect(_ state: State, _ size: Size, _ name: String) {
        let frame = render(state, size: size, zone: .utc).frame
        Golden.expect(frame.text, matches: "\(name)-\(size.width)x\(size.height)", filePath: #filePath)
    }

    @Test("Every view at the usual sizes", arguments: ViewID.allCases)
    func views(_ view: ViewID) {
        for size in [Self.small, Self.usual, Self.large] {
            Self.expect(Sample.state(view, size: size), size, view.rawValue)
        }
    }

    @Test("Very large screens", arguments: [ViewID.overview, .queues, .events])
    func hugeViews(_ view: ViewID) {
        Self.expect(Sample.state(view, size: Self.huge), Self.huge, view.rawValue)
        let size = Size(width: 200, height: 60)
        Self.expect(Sample.state(view, size: size), size, view.rawValue)
    }

    @Test("Details on the right, below, and over the whole view")
    func details() {
        for size in [Self.small, Self.usual, Self.large, Size(width: 100, height: 50)] {
            var state = Sample.state(.queues, size: size)
            state.isDetailOpen = true
            state.detail = Sample.detail
            Self.expect(state, size, "detail-queue")
            state.detailScroll = 9
            Self.expect(state, size, "detail-queue-scrolled")
        }
        for view in [ViewID.connections, .channels, .consumers, .exchanges, .nodes, .events, .client, .lab] {
            var state = Sample.state(view, size: Self.large)
            state.isDetailOpen = true
            Self.expect(state, Self.large, "detail-\(view.rawValue)")
        }
    }

    @Test("An experiment while it runs: its charts, what is in force, and what happened")
    func labRun() {
        for size in [Self.small, Self.usual, Self.large] {
            var state = Sample.state(.lab, size: size)
            state.press(.down)
            state.isDetailOpen = true
            Self.expect(state, size, "lab-running")
            state.press(.character("R"))
            state.press(.up)
            state.press(.character("R"))
            Self.expect(state, size, "lab-form")
        }
    }

    @Test("Another process's clients beside our own, while it speaks and after it fell silent")
    func attached() {
        for size in [Self.usual, Self.large] {
            Self.expect(Sample.attached(size: size), size, "attached-client")
            Self.expect(Sample.attached(silentFor: 30, size: size), size, "attached-client-silent")
        }
        var state = Sample.attached(size: Self.large)
        for key: Key in [.character("g"), .down, .character("x")] { state.press(key) }
        Self.expect(state, Self.large, "attached-client-close")
        state = Sample.attached(size: Self.large)
        state.press(.character("g"))
        state.isDetailOpen = true
        Self.expect(state, Self.large, "attached-client-detail")
    }

    @Test("Trouble never looks like a quiet day", arguments: [GoldenTests.small, usual, large])
    func trouble(_ size: Size) {
        for view in [ViewID.overview, .queues, .nodes] {
            Self.expect(Sample.alarmed(view, size: size), size, "alarm-\(view.rawValue)")
            Self.expect(Sample.lost(view, size: size), size, "lost-\(view.rawValue)")
            Self.expect(Sample.frozen(view, size: size), size, "frozen-\(view.rawValue)")
            Self.expect(Sample.connecting(view, size: size), size, "connecting-\(view.rawValue)")
        }
    }

    @Test("An earlier time never looks like the present", arguments: [GoldenTests.small, usual, large])
    func past(_ size: Size) {
        for view in [ViewID.overview, .queues, .exchanges] {
            Self.expect(Sample.rewound(view, size: size), size, "rewound-\(view.rawValue)")
        }
        var state = Sample.rewound(.queues, size: size)
        state.press(.enter)
        Self.expect(state, size, "rewound-detail")
        state = Sample.rewound(.queues, size: size)
        state.press("P")
        Self.expect(state, size, "rewound-refused")
        Self.expect(Sample.replayed(.queues, size: size), size, "replay-queues")
        Self.expect(Sample.replayed(.overview, size: size, isPlaying: false), size, "replay-paused")
        state = Sample.rewound(.queues, size: size)
        state.press("T")
        Self.expect(state, size, "rewound-time")
        Self.expect(Sample.difference(size: size), size, "difference")
    }

    @Test("Recording, and why nothing is recorded", arguments: [GoldenTests.small, usual, large])
    func recording(_ size: Size) {
        Self.expect(Sample.recorded(.queues, size: size), size, "recording")
        Self.expect(Sample.recorded(.queues, size: size, fails: true), size, "recording-fails")
    }

    @Test("Faults in force stand on every view", arguments: [GoldenTests.small, usual, large])
    func faults(_ size: Size) {
        for view in [ViewID.overview, .channels] {
            Self.expect(Sample.faulty(view, size: size), size, "faults-\(view.rawValue)")
        }
        Self.expect(Sample.faulty(.queues, failing: true, size: size), size, "faults-undo-failed")
    }

    @Test("A fault, what followed, and what is wrong", arguments: [GoldenTests.small, usual, large])
    func story(_ size: Size) {
        Self.expect(Sample.told(.overview, size: size), size, "told-overview")
        var state = Sample.told(.events, size: size)
        Self.expect(state, size, "told-events")
        guard size != Self.small else { return }
        // The cause in an error's detail; then all that followed in the fault's own.
        state.type(filter: "reset by peer")
        state.press(.enter)
        Self.expect(state, size, "told-events-cause")
        for key: Key in [.escape, .escape] { state.press(key) }
        state.type(filter: "injected")
        state.press(.enter)
        Self.expect(state, size, "told-events-effects")
    }

    @Test(
        "From a row to the faults that fit it, and to what one of them asks for",
        arguments: [GoldenTests.small, usual, large])
    func faultKeys(_ size: Size) {
        var state = Sample.permitted(size: size)
        state.press("f")
        Self.expect(state, size, "fault-picker")
        state.type("close")
        Self.expect(state, size, "fault-picker-narrowed")
        state.press(.enter)
        Self.expect(state, size, "fault-form")
        state.press("9")
        state.press(.enter)
        Self.expect(state, size, "fault-form-problem")
        state.press(.backTab)
        Self.expect(state, size, "fault-form-button")
        state = Sample.faultForm("delay", size: size)
        for _ in 0..<8 { state.press(.tab) }
        state.press(.space)
        Self.expect(state, size, "fault-form-often")
        state = Sample.faultForm("force-close", size: size)
        state.press(.enter)
        Self.expect(state, size, "fault-asked")
        state = Sample.permitted(size: size)
        state.press("x")
        Self.expect(state, size, "fault-close-channel")
        state = Sample.faulty(.queues, failing: true, size: size)
        state.press("u")
        Self.expect(state, size, "fault-undo")
    }

    @Test("What lies over the view", arguments: Sample.overlays.keys.sorted())
    func overlays(_ name: String) {
        for size in [Self.small, Self.usual, Self.large, Self.huge] {
            var state = Sample.state(.queues, size: size)
            state.overlay = Sample.overlays[name]
            state.overlays.fit(size)
            Self.expect(state, size, "overlay-\(name)")
        }
    }

    @Test("A filter while it is typed, one that matches nothing, and one that does not parse")
    func filters() {
        for size in [Self.small, Self.usual] {
            var state = Sample.state(.queues, size: size)
            state.press("/")
            state.type("ord")
            Self.expect(state, size, "filter-typing")
            state.press(.enter)
            Self.expect(state, size, "filter-set")
            state.press("/")
            state.type("xyz")
            state.press(.enter)
            Self.expect(state, size, "filter-nothing")
            state.press("/")
            for _ in 0..<6 { state.press(.backspace) }
            state.type("/wor(/")
            Self.expect(state, size, "filter-invalid")
        }
    }

    @Test("A command while it is typed, completed, and not understood")
    func commandLine() {
        for size in [Self.small, Self.usual, Self.large] {
            var state = Sample.state(.queues, size: size)
            state.press(":")
            Self.expect(state, size, "command-empty")
            state.type("c")
            Self.expect(state, size, "command-begun")
            state.type("onn")
            Self.expect(state, size, "command-typing")
            state.type("x")
            state.press(.enter)
            Self.expect(state, size, "command-unknown")
        }
    }

    @Test("Tagged rows, and the question about all of them")
    func tags() {
        for size in [Self.small, Self.usual, Self.large] {
            var state = Sample.state(.queues, size: size)
            for _ in 0..<3 { state.press(.space) }
            state.press(.up)
            Self.expect(state, size, "tags")
            state.press("P")
            Self.expect(state, size, "tags-purge")
            state.press(.escape)
            state.press("y")
            Self.expect(state, size, "tags-copy")
        }
    }

    @Test("The list of columns, and the table that follows it")
    func columns() {
        for size in [Self.small, Self.usual, Self.large] {
            var state = Sample.state(.queues, size: size)
            state.press("C")
            for _ in 0..<6 { state.press(.down) }
            state.press(.space)
            state.press(.down)
            for _ in 0..<4 { state.press("K") }
            for _ in 0..<3 { state.press("+") }
            Self.expect(state, size, "columns-list")
            state.press(.enter)
            Self.expect(state, size, "columns-chosen")
        }
    }

    @Test("A way from a queue to its consumers")
    func scope() {
        for size in [Self.small, Self.usual, Self.large] {
            var state = Sample.state(.queues, size: size)
            state.press(.enter)
            state.press(.enter)
            Self.expect(state, size, "scope-consumers")
        }
    }

    @Test("Columns that are scrolled, rows that are paged, one vhost, read-only")
    func moving() {
        var state = Sample.state(.queues, size: Self.usual)
        for _ in 0..<4 { state.press(.right) }
        Self.expect(state, Self.usual, "queues-columns-scrolled")
        state = Sample.state(.queues, size: Self.usual)
        _ = update(&state, .viewport(rows: render(state, size: Self.usual).tableRows), at: Sample.now)
        state.press("G")
        Self.expect(state, Self.usual, "queues-bottom")
        state = Sample.state(.queues, size: Self.usual)
        state.options.readOnly = true
        state.vhost = "billing"
        Self.expect(state, Self.usual, "queues-read-only")
    }

    @Test("A selected line of the overview: a queue, a finding, the oldest event shown")
    func overviewSelection() {
        for size in [Self.small, Self.usual, Self.large, Size(width: 200, height: 60)] {
            var state = Sample.alarmed(.overview, size: size)
            func settle() {
                let rendering = render(state, size: size, zone: .utc)
                _ = update(&state, .viewport(rows: rendering.tableRows, limits: rendering.limits), at: Sample.now)
            }
            settle()
            for key: Key in [.home, .down] { state.press(key) }
            Self.expect(state, size, "overview-selected-queue")
            state.press(.end)
            settle()
            state.press(.up)
            Self.expect(state, size, "overview-selected-event")
            state.press(.left)
            Self.expect(state, size, "overview-selected-finding")
        }
    }

    @Test("Events that are newer than those on the screen, and reconnections on one line")
    func eventsFollowed() {
        for size in [Self.small, Self.usual, Self.large] {
            var state = Sample.state(.events, size: size)
            let rows = render(state, size: size).tableRows
            _ = update(&state, .viewport(rows: rows), at: Sample.now)
            _ = update(&state, .entries(SampleRows.reconnections, dropped: 0), at: Sample.now)
            Self.expect(state, size, "events-folded")
            state.press(.end)
            Self.expect(state, size, "events-newer")
            for key: Key in [.home, .down, .down, .enter] { state.press(key) }
            Self.expect(state, size, "events-fold-details")
        }
        var state = Sample.state(.events, size: Self.large)
        for _ in 0..<3 { state.press(.down) }
        state.press(.enter)
        Self.expect(state, Self.large, "events-advice")
    }

    @Test("Operations that run, and news of a key")
    func activities() {
        for size in [Self.small, Self.usual, Self.large] {
            var state = Sample.state(.queues, size: size)
            state.activities = Sample.activities()
            Self.expect(state, size, "activities")
            state.activities = []
            state.notice = .init(
                "Purged orders: 1,043,211 messages are gone", .success, until: Sample.now.addingTimeInterval(3))
            Self.expect(state, size, "notice")
        }
    }

    @Test("ASCII only", arguments: [ViewID.overview, .queues, .client])
    func ascii(_ view: ViewID) {
        for size in [Self.usual, Self.large] {
            var state = Sample.state(view, size: size)
            state.options.ascii = true
            Self.expect(state, size, "ascii-\(view.rawValue)")
        }
        var state = Sample.state(.queues, size: Self.usual)
        state.options.ascii = true
        state.overlay = Sample.purge
        Self.expect(state, Self.usual, "ascii-purge")
    }

    @Test("The looks of each theme", arguments: Theme.names)
    func themes(_ name: String) {
        var state = Sample.alarmed(.queues, size: Self.usual)
        state.options.theme = name
        let frame = render(state, size: Self.usual, zone: .utc).frame
        Golden.expect(frame.styledText, matches: "theme-\(name)", filePath: #filePath)
        state.overlay = Sample.publish
        let form = render(state, size: Self.usual, zone: .utc).frame
        Golden.expect(form.styledText, matches: "theme-\(name)-form", filePath: #filePath)
    }

    @Test("Too small")
    func tooSmall() {
        Self.expect(Sample.state(), Size(width: 39, height: 10), "too-small")
        Self.expect(Sample.state(), Size(width: 12, height: 4), "too-small")
    }
}

extension State {
    mutating func press(_ key: Key) { _ = update(&self, .key(key), at: clock) }
    mutating func press(_ character: Character) { press(.character(character)) }
    mutating func type(_ text: String) { for character in text { press(character) } }
}
