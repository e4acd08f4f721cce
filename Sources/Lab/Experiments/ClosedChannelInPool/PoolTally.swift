import RabbitMQClient
import Synchronization

/// Counts the outcomes of the publishes through each channel of a pool.
final class PoolTally: Sendable {
    /// The figures in the ledger's details.
    struct Figures: Sendable, Equatable {
        /// Channels that the pool opened.
        var opened = 0
        /// Channels that were closed without the pool's knowledge.
        var closed = 0
        /// How often a closed channel was handed out.
        var deadHandouts = 0
        /// Publishes through such a channel that failed; below, those that succeeded.
        var failuresOnDead = 0
        var successesOnDead = 0
        /// Failed publishes through a channel that was open when it was handed out.
        var failuresOnOpen = 0
        /// The highest number of failures caused by one closed channel.
        var mostFailuresOfOne = 0
        /// Messages that were given up.
        var givenUp = 0
    }

    private struct State {
        var figures = Figures()
        var channels: [Channel] = []
        var failures: [ObjectIdentifier: Int] = [:]
        /// Closings after which no message has been confirmed yet, with their times.
        var recent: [(fault: LabFault, at: ContinuousClock.Instant)] = []
    }

    private let state = Mutex(State())

    var figures: Figures { state.withLock { $0.figures } }

    func opened(_ channel: Channel) {
        state.withLock { state in
            state.figures.opened += 1
            state.channels.append(channel)
        }
    }

    /// A random open channel.
    var anyOpenChannel: Channel? { state.withLock { $0.channels }.filter(\.isOpen).randomElement() }

    func closed(_ fault: LabFault) {
        state.withLock { state in
            state.figures.closed += 1
            state.recent.append((fault, .now))
        }
    }

    /// Records a confirmed publish.
    ///
    /// - Returns: the closings after which this is the first confirmed message.
    func confirmed(begun: ContinuousClock.Instant, wasOpen: Bool) -> [LabFault] {
        state.withLock { state in
            if !wasOpen { state.figures.successesOnDead += 1 }
            guard !state.recent.isEmpty else { return [] }
            let over = state.recent.filter { $0.at <= begun }
            state.recent.removeAll { $0.at <= begun }
            return over.map(\.fault)
        }
    }

    func failed(on channel: Channel, wasOpen: Bool) {
        state.withLock { state in
            if wasOpen { state.figures.failuresOnOpen += 1 } else { state.figures.failuresOnDead += 1 }
            let failures = state.failures[ObjectIdentifier(channel), default: 0] + 1
            state.failures[ObjectIdentifier(channel)] = failures
            state.figures.mostFailuresOfOne = max(state.figures.mostFailuresOfOne, failures)
        }
    }

    func handedOut(wasOpen: Bool) {
        if !wasOpen { state.withLock { $0.figures.deadHandouts += 1 } }
    }

    func gaveUp() {
        state.withLock { $0.figures.givenUp += 1 }
    }
}
