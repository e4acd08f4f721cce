import Foundation
import Screen
import Testing

@testable import TopCore

/// A recording in place of a broker.
@Suite struct ReplayTests {
    private func replay(at: Date? = nil, speed: Double = 1, isPlaying: Bool = false) -> State {
        var options = State.Options()
        options.replay = State.Replay(file: "orders.sqlite", at: at, speed: speed, isPlaying: isPlaying)
        options.timeZone = TimeZone(secondsFromGMT: 0)!
        options.initialView = .queues
        return State(size: Size(width: 100, height: 30), options: options, now: later(10_000))
    }

    private static let span = RecordingStatus(span: later(-600)...noon)

    /// A replay that shows its first moment, at a time of the clock.
    private func begun(speed: Double = 1, isPlaying: Bool = false) -> State {
        var state = replay(speed: speed, isPlaying: isPlaying)
        state.send(.recording(Self.span), at: later(10_000))
        state.send(.moment(RewindTests.moment(-600)), at: later(10_000))
        return state
    }

    @Test func theBeginningIsAskedForOnce() {
        var state = replay()
        #expect(state.send(.tick, at: later(10_000)) == [])
        #expect(state.send(.recording(Self.span), at: later(10_000)) == [.seek(.time(later(-600)))])
        #expect(state.send(.tick, at: later(10_001)) == [])
        #expect(state.send(.moment(RewindTests.moment(-600)), at: later(10_001)) == [])
        #expect(state.past?.at == later(-600))
        #expect(state.send(.tick, at: later(10_002)) == [])
    }

    @Test func anotherTimeToBeginAtIsKeptWithinTheRecording() {
        var state = replay(at: later(-120))
        #expect(state.send(.tick, at: later(10_000)) == [.seek(.time(later(-120)))])
        state = replay(at: later(500))
        #expect(state.send(.recording(Self.span), at: later(10_000)) == [.seek(.time(noon))])
        // Where nothing is held at that time, the beginning is shown.
        state = replay(at: later(-9_000))
        #expect(state.send(.tick, at: later(10_000)) == [.seek(.time(later(-9_000)))])
        #expect(state.send(.moment(nil), at: later(10_000)) == [])
        #expect(state.send(.recording(Self.span), at: later(10_000)) == [.seek(.time(later(-600)))])
    }

    @Test func nothingIsWatched() {
        var state = begun()
        for key: Key in [.character("3"), .character("2"), .enter] {
            let actions = update(&state, .key(key), at: later(10_000))
            #expect(actions == [])
        }
    }

    @Test func timePassesAtTheSpeedWithOneLookupAtOnce() {
        var state = begun()
        #expect(state.send(.tick, at: later(10_001)) == [])
        state.type(.space, at: later(10_010))
        #expect(state.playback?.isPlaying == true)
        #expect(state.send(.tick, at: later(10_011)) == [.seek(.time(later(-599)))])
        #expect(state.send(.tick, at: later(10_012)) == [])
        state.send(.moment(RewindTests.moment(-599)), at: later(10_012.5))
        #expect(state.send(.tick, at: later(10_013)) == [.seek(.time(later(-597)))])
        state.send(.moment(RewindTests.moment(-597)), at: later(10_013))
        state.type(.character("+"), .character("+"), at: later(10_013))
        #expect(state.playback?.speed == 4)
        #expect(state.send(.tick, at: later(10_014)) == [.seek(.time(later(-593)))])
        state.send(.moment(RewindTests.moment(-593)), at: later(10_014))
        state.type(.space, at: later(10_014))
        #expect(state.send(.tick, at: later(10_020)) == [])
        #expect(state.past?.at == later(-593))
    }

    @Test func goingToATimeWhilePlayingContinuesThere() {
        var state = begun(isPlaying: true)
        #expect(state.type(.character("}"), at: later(10_005)) == [.seek(.time(later(-599)))])
        state.send(.moment(RewindTests.moment(-599)), at: later(10_005))
        #expect(state.send(.tick, at: later(10_006)) == [.seek(.time(later(-598)))])
    }

    @Test func aClockThatIsSetBackDoesNotTurnTimeRound() {
        var state = begun(isPlaying: true)
        #expect(state.send(.tick, at: later(9_000)) == [])
        #expect(state.send(.tick, at: later(9_002)) == [.seek(.time(later(-598)))])
    }

    @Test func itPausesAtTheEndAndSaysSo() {
        var state = begun(speed: 3_600, isPlaying: true)
        #expect(state.send(.tick, at: later(10_001)) == [.seek(.time(noon))])
        state.send(.moment(RewindTests.moment(0)), at: later(10_001))
        #expect(state.playback?.isPlaying == false)
        #expect(state.notice?.text == "The recording ends at 12:00:00")
        #expect(state.type(.character("}"), at: later(10_002)) == [])
        #expect(state.past?.at == noon)
        // Played again, it begins anew.
        #expect(state.type(.space, at: later(10_003)) == [.seek(.time(later(-600)))])
    }

    @Test func escapeGoesBackButNeverOut() {
        var state = begun()
        state.type(.enter, .enter, at: later(10_000))
        #expect(state.view == .consumers)
        state.type(.escape, .escape, .escape, .escape, at: later(10_000))
        #expect(state.view == .queues)
        #expect(state.past?.at == later(-600))
    }

    @Test func aRecordingCannotBeActedOn() {
        var state = begun()
        for key in "pPDrZ" {
            #expect(state.type(.character(key), at: later(10_000)) == [])
            #expect(state.overlay == nil)
            #expect(state.notice?.text == "A recording cannot be acted on", "\(key)")
        }
        state.type(.character("w"), at: later(10_000))
        #expect(state.type(.enter, at: later(10_000)).count == 1)
    }

    @Test(arguments: [0, -1, Double.nan, .infinity, 1e9])
    func aSpeedIsKeptWithinItsLimits(_ speed: Double) {
        let playback = replay(speed: speed).playback
        #expect(playback.map { $0.speed >= 0.25 && $0.speed <= 3_600 } == true)
    }
}
