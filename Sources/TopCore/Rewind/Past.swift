public import Foundation

/// An earlier time that the screen shows in place of the present.
public struct Past: Sendable, Equatable {
    /// A row that was selected and does not exist at the time shown.
    struct Absentee: Sendable, Equatable {
        var row: RowID
        var view: ViewID
        /// Whether its details were open; they are opened again at a time when it exists.
        var isDetailOpen: Bool
    }

    /// The time that is shown.
    public internal(set) var at: Date
    /// How many places Esc had to go back to before the present was left; it goes back to none of them, but returns to
    /// the present.
    var restingDepth: Int
    /// The row that was selected, where it does not exist at this time.
    var absentee: Absentee?
}

/// How a recording is replayed.
public struct Playback: Sendable, Equatable {
    /// The available speeds.
    static let speeds: [Double] = [0.25, 0.5, 1, 2, 4, 8, 16, 30, 60, 120, 300, 600, 1_800, 3_600]

    /// The name of the recording's file.
    public internal(set) var file: String
    /// Whether time passes.
    public internal(set) var isPlaying: Bool
    /// Seconds of the recording for each second.
    public internal(set) var speed: Double
    /// The time to begin at; `nil` for the beginning of the recording.
    var start: Date?
    /// Whether a moment was shown.
    var hasBegun = false
    /// The time to begin at at which nothing was found.
    var missed: Date?
    /// The time of the recording that was shown at a time of the clock; playing continues from there.
    var anchor: (time: Date, clock: Date)?
    /// The time that playing looks up.
    var step: Date?

    init(_ replay: State.Replay) {
        file = replay.file
        isPlaying = replay.isPlaying
        let slowest = Self.speeds[0]
        speed = replay.speed.isFinite ? min(max(replay.speed, slowest), Self.speeds[Self.speeds.count - 1]) : 1
        start = replay.at
    }

    /// Returns the time to show at this time of the clock; `nil` when time does not pass.
    mutating func due(at clock: Date) -> Date? {
        guard isPlaying, let anchor else { return nil }
        let elapsed = clock.timeIntervalSince(anchor.clock)
        guard elapsed > 0 else {
            // The clock was set back: time goes on from what is shown.
            self.anchor = (anchor.time, clock)
            return nil
        }
        return anchor.time.addingTimeInterval(elapsed * speed)
    }

    public static func == (one: Self, other: Self) -> Bool {
        one.file.hasSameBytes(as: other.file) && one.isPlaying == other.isPlaying && one.speed == other.speed
            && one.start == other.start && one.hasBegun == other.hasBegun && one.missed == other.missed
            && one.anchor?.time == other.anchor?.time && one.anchor?.clock == other.anchor?.clock
            && one.step == other.step
    }
}

extension State {
    /// The recording that is replayed in place of a broker.
    public struct Replay: Sendable, Equatable {
        /// The name of the recording's file, for the header.
        public var file: String
        /// The time to begin at; `nil` for the beginning of the recording.
        public var at: Date?
        /// Seconds of the recording for each second: from 0.25 to 3,600.
        public var speed: Double
        /// Whether playing begins at once.
        public var isPlaying: Bool

        /// Creates a replay.
        public init(file: String, at: Date? = nil, speed: Double = 1, isPlaying: Bool = false) {
            self.file = file
            self.at = at
            self.speed = speed
            self.isPlaying = isPlaying
        }
    }
}
