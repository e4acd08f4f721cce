import Foundation

/// What is looked up in the history: one time at once, and then the last one that was asked for meanwhile.
struct MomentLookup: Sendable, Equatable {
    /// What became of an answer.
    enum Answer: Equatable {
        /// It answers this question; `nil` for one that took very long.
        case of(SeekTarget?)
        /// Nobody waits for it any more.
        case abandoned
    }

    /// Seconds after which an answer is no longer waited for.
    static let patience = 5.0

    private var running: (target: SeekTarget, at: Date)?
    private var next: SeekTarget?
    private var isAbandoned = false

    /// Whether an answer is waited for.
    var isRunning: Bool { running != nil }

    /// The time that will be shown when all answers are there, where it is known.
    var time: Date? {
        guard !isAbandoned || next != nil, case .time(let time)? = next ?? running?.target else { return nil }
        return time
    }

    /// Returns the lookup to start now.
    mutating func ask(_ target: SeekTarget, at clock: Date) -> [Action] {
        if let running, abs(clock.timeIntervalSince(running.at)) < Self.patience {
            next = target
            return []
        }
        running = (target, clock)
        next = nil
        isAbandoned = false
        return [.seek(target)]
    }

    /// Takes note of an answer; returns what it belongs to, and the lookup to start now.
    mutating func answered(at clock: Date) -> (Answer, [Action]) {
        let answer: Answer = isAbandoned ? .abandoned : .of(running?.target)
        running = nil
        isAbandoned = false
        guard let target = next else { return (answer, []) }
        next = nil
        return (answer, ask(target, at: clock))
    }

    /// Forgets what was asked for: its answer will not be shown.
    mutating func abandon() {
        next = nil
        isAbandoned = running != nil
    }

    static func == (one: Self, other: Self) -> Bool {
        one.running?.target == other.running?.target && one.running?.at == other.running?.at && one.next == other.next
            && one.isAbandoned == other.isAbandoned
    }
}

/// How far `{` and `}` go: about a column of the charts, and farther when they are repeated quickly.
struct SeekPace: Sendable, Equatable {
    /// The steps, in seconds.
    static let steps: [Double] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400,
    ]
    /// The part of the charts' time that the first step takes at most.
    static let columns = 60.0
    /// The number of presses that take the same step.
    static let presses = 5
    /// Seconds after which a press counts as the first one again.
    static let pause = 1.0

    private var direction = 0
    private var count = 0
    private var last: Date?

    /// Returns the seconds to go in a direction, 1 or -1.
    ///
    /// - Parameters:
    ///   - direction: Forth or back.
    ///   - span: The time that charts show, in seconds. No step is longer: what was on the chart would be skipped.
    ///   - clock: The current time.
    mutating func step(_ direction: Int, span: Double, at clock: Date) -> Double {
        let isRepeated =
            direction == self.direction && last.map { abs(clock.timeIntervalSince($0)) <= Self.pause } ?? false
        count = isRepeated ? count.saturatingAdding(1) : 0
        self.direction = direction
        last = clock
        let first = Self.steps.lastIndex { $0 <= span / Self.columns } ?? 0
        let longest = max(first, Self.steps.lastIndex { $0 <= span } ?? 0)
        return Double(direction) * Self.steps[min(first + count / Self.presses, longest)]
    }
}
