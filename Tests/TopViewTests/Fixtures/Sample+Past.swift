import Faults
import Foundation
import Names
import Screen

@testable import TopCore

extension Sample {
    /// The broker twelve minutes ago, with fewer queues and other depths.
    static func moment(_ age: Double = 740) -> Moment {
        let at = ago(age)
        var past = State(size: Size(width: 120, height: 40), now: at)
        for snapshot: Snapshot in [
            .cluster(cluster(at: at, step: 10)), .queueDepths(SampleRows.depths(at: at, step: 10)),
            .queuesRich(SampleRows.rich(at: at, step: 10)), .connections(SampleRows.connections(at: at)),
            .channels(SampleRows.channels(at: at)), .consumers(SampleRows.consumers(at: at)),
            .sources(
                sources.map { source in
                    var source = source
                    source.lastSuccess = at
                    return source
                }),
        ] {
            _ = update(&past, .snapshot(snapshot), at: at)
        }
        var moment = past.moment
        moment.queues?.isWhole = true
        moment.exchanges = nil
        moment.entries = []
        moment.findings = [
            Finding(
                .growingQueue, .warning, what: "has no consumer and grew by 1,204 messages", where: "queue / orders",
                since: at.addingTimeInterval(-65), advice: "Start a consumer, or delete the queue.")
        ]
        return moment
    }

    /// The dashboard gone back in time.
    static func rewound(_ view: ViewID, size: Size) -> State {
        var state = state(view, size: size)
        _ = update(
            &state, .recording(RecordingStatus(span: ago(7_200)...now, bytes: 12_582_912)), at: now)
        _ = update(&state, .key(.character("{")), at: now)
        _ = update(&state, .moment(moment()), at: now)
        state.notice = nil
        return state
    }

    /// A recording that is played.
    static func replayed(_ view: ViewID, size: Size, isPlaying: Bool = true) -> State {
        var options = State.Options()
        options.replay = State.Replay(file: "orders.sqlite", speed: 4, isPlaying: isPlaying)
        options.initialView = view
        var state = State(size: size, options: options, now: now.addingTimeInterval(86_400))
        let clock = state.clock
        _ = update(&state, .recording(RecordingStatus(span: ago(740)...now, bytes: 12_582_912)), at: clock)
        _ = update(&state, .moment(moment()), at: clock)
        return state
    }

    /// A dashboard that records, or cannot.
    static func recorded(_ view: ViewID, size: Size, fails: Bool = false) -> State {
        var state = state(view, size: size)
        var status = RecordingStatus(
            span: ago(7_200)...now, bytes: 12_582_912, file: "orders.sqlite", startedAt: ago(754))
        if fails {
            status.problem = "the disk is full"
            status.advice = "make room on /var, it goes on by itself"
        }
        _ = update(&state, .recording(status), at: now)
        return state
    }

    /// What changed since a mark.
    static func difference(size: Size) -> State {
        var state = rewound(.queues, size: size)
        _ = update(&state, .key(.character("m")), at: now)
        _ = update(&state, .key(.escape), at: now)
        _ = update(&state, .key(.character("M")), at: now)
        state.notice = nil
        return state
    }
}
