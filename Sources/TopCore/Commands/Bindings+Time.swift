import Screen

extension Bindings {
    /// Going in time works on the page of changes, too, which follows.
    private static let pages: Set<Binding.Context> = [.view, .difference]

    /// The keys that go to other times, compare them, and record.
    static let time: [Binding] = [
        Binding(
            [.character("{")], .earlier, "earlier",
            "Back in time by a column of the charts; farther when held",
            .time, in: pages, footer: "Earlier"),
        Binding(
            [.character("}")], .later, "later", "Forth in time, and beyond the newest back to the present", .time,
            in: pages, times: [.past, .replay], footer: "Later"),
        Binding(
            [.character("(")], .eventBefore, "event before", "To the event or finding before", .time, in: pages,
            footer: "Event before"),
        Binding(
            [.character(")")], .eventAfter, "event after", "To the event or finding after", .time, in: pages,
            times: [.past, .replay], footer: "After"),
        Binding(
            [.character("T")], .goToTime, "time", "Go to a time: 03:12, -10m, 2026-11-29 03:12", .time, in: pages,
            footer: "Time"),
        Binding(
            [.space], .playOrPause, "play", "Play the recording, or pause it", .time, in: pages, times: [.replay],
            footer: "Play"),
        Binding(
            [.character("+")], .playFaster, "faster", "Play faster", .time, in: pages, times: [.replay],
            footer: "Faster"),
        Binding(
            [.character("-")], .playSlower, "slower", "Play slower", .time, in: pages, times: [.replay],
            footer: "Slower"),
        Binding(
            [.character("m")], .mark, "mark", "Mark the time that is shown, to see later what changed", .time,
            footer: "Mark"),
        Binding(
            [.character("M")], .changes, "changes", "What changed since the mark, or until it", .time,
            footer: "Changes", hasWork: { $0.mark != nil }),
        Binding(
            [.character("r")], .record, "record", "Record to a file, with what is remembered so far; again to stop",
            .time, times: [.present, .past], footer: "Record"),
    ]
}
