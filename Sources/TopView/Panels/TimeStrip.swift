import Foundation
import Screen
import TopCore

/// The line above everything that says which time is shown, while that is not the present; and what is wrong with
/// recording.
struct TimeStrip {
    let state: State

    /// The number of lines; 0 for the present without a problem.
    var rows: Int { (showsTime ? 1 : 0) + (state.recording.problem == nil ? 0 : 1) }

    private var showsTime: Bool { !state.isPresent }

    func draw(in rect: Rect, on canvas: inout Canvas) {
        var rest = rect
        if showsTime {
            let parts = rest.splitTop(1)
            drawTime(in: parts.top, on: &canvas)
            rest = parts.rest
        }
        guard let problem = state.recording.problem, rest.height > 0 else { return }
        let advice = state.recording.advice.map { " — \($0)" } ?? ""
        let text = " \(canvas.marks.alert) not recording: \(Text.visible(problem + advice))"
        canvas.fill(rest.row(0), with: " ", .badgeCritical)
        canvas.write(
            [Span(canvas.marks.plain(text), .badgeCritical)], x: rest.minX, y: rest.minY, width: rest.width)
    }

    private func drawTime(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 0 else { return }
        canvas.fill(rect, with: " ", .badgeWarning)
        // Segments are cut from the end: what time it is comes first.
        let words = state.playback.map { replay($0, canvas) } ?? rewound(canvas)
        let line = rect.inset(left: 1)
        var used = 0
        for word in words {
            let gap = used == 0 ? 0 : 2
            let room = line.width - used - gap
            guard TextWidth.columns(of: word) <= room || used == 0 else { continue }
            used +=
                gap + canvas.write([Span(word, .badgeWarning)], x: line.minX + used + gap, y: line.minY, width: room)
        }
    }

    private func clock(_ canvas: Canvas) -> String {
        guard let past = state.past else { return String(canvas.marks.ellipsis) }
        let text = canvas.format.clock(past.at, now: state.clock)
        // On another day than today the date alone would say too little.
        return text.contains(":") ? text : String(canvas.format.dateAndTime(past.at).prefix(19))
    }

    private func rewound(_ canvas: Canvas) -> [String] {
        let age = state.past.map { Self.ago(state.clock.timeIntervalSince($0.at)) }
        let escape = state.escapeReturns ? "Esc: live" : "Esc: back"
        return ["REWOUND \(clock(canvas))", age, escape].compactMap(\.self)
    }

    private func replay(_ playback: Playback, _ canvas: Canvas) -> [String] {
        let speed = ValueFormat().rate(playback.speed)
        let shown = playback.speed < 1 ? Self.fraction(playback.speed) : speed
        let mark = playback.isPlaying ? canvas.marks.playing : canvas.marks.paused
        return [
            "REPLAY \(clock(canvas))", "\(canvas.marks.plain("×"))\(shown) \(mark)",
            Text.visible(playback.file),
        ]
    }

    private static func fraction(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

    /// `40 s ago`, `12 min ago`, `3 h ago`, `2 days ago`.
    static func ago(_ seconds: Double) -> String {
        let whole = ValueFormat.whole(max(0, seconds).rounded(.down))
        return switch whole {
        case ..<60: "\(whole) s ago"
        case ..<3_600: "\(whole / 60) min ago"
        case ..<172_800: "\(whole / 3_600) h ago"
        default: "\(whole / 86_400) days ago"
        }
    }
}

extension TimeStrip {
    /// Says in the header that a recording is written, for how long, and how large it is.
    static func recording(_ state: State, _ canvas: Canvas, isShort: Bool = false) -> [Span]? {
        guard state.recording.file != nil else { return nil }
        let badge = Span(" REC ", state.recording.problem == nil ? .badgeWarning : .badgeCritical)
        guard !isShort else { return [badge] }
        let age = state.recording.startedAt.map { " " + canvas.age(state.clock.timeIntervalSince($0)) } ?? ""
        return [badge, Span("\(age) \(canvas.format.bytes(Double(state.recording.bytes)))", .muted)]
    }
}
