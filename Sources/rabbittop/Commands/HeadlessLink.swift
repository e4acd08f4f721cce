import BrokerMonitor
import Dispatch
import Foundation
import Glibc
import Synchronization
import TopCore

/// A link to the broker without a screen, for commands that read or do something and end.
struct HeadlessLink: Sendable {
    let link: BrokerLink
    private let arrivals: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init(_ configuration: BrokerConfiguration) throws {
        let (arrivals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.arrivals = arrivals
        self.continuation = continuation
        link = try BrokerLink(configuration, inbox: Inbox(onArrival: { continuation.yield() }))
    }

    /// Runs one operation to its end. Ctrl-C stops it, and its result so far is returned.
    ///
    /// - Parameter progress: whether its progress is shown on standard error.
    func perform(_ operation: TopCore.Operation, progress: Bool) async -> OperationReport? {
        let id = OperationID(1)
        return await running {
            let interrupt = Interrupt { link.perform(.cancel(id)) }
            defer { interrupt.end() }
            link.perform(.watch(Interest()))
            link.perform(.start(id, operation))
            for await _ in arrivals {
                for case .operation(id, let report) in link.inbox.drain() {
                    guard case .progress(let words, _) = report else {
                        if progress { Output.status(nil) }
                        return report
                    }
                    if progress { Output.status(words) }
                }
            }
            return nil
        }
    }

    /// Keeps a state up to date until `body` returns true.
    ///
    /// - Parameter body: receives every 50 ms the state, the time when watching began and a counter of its own; returns
    ///   whether it is done.
    func watch(
        _ state: State,
        body: @Sendable (State, ContinuousClock.Instant, inout Int) throws -> Bool
    ) async throws {
        try await running {
            var state = state
            var counter = 0
            let begun = ContinuousClock.now
            while true {
                for event in link.inbox.drain() + [.tick] {
                    for case .watch(let interest) in update(&state, event, at: Date()) {
                        link.perform(.watch(interest))
                    }
                }
                if try body(state, begun, &counter) { return }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// Keeps a state up to date as events arrive, and once a second, until `body` returns true.
    ///
    /// - Parameter body: receives each event with the state that has taken it, and each second no event; returns
    ///   whether it is done.
    func follow(_ state: State, body: @Sendable (Event?, State) throws -> Bool) async throws {
        try await running {
            let ticks = Task { [continuation] in
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(1))
                    continuation.yield()
                }
            }
            defer { ticks.cancel() }
            var state = state
            link.perform(.watch(Interest()))
            for await _ in arrivals {
                for event in link.inbox.drain() + [.tick] {
                    for case .watch(let interest) in update(&state, event, at: Date()) {
                        link.perform(.watch(interest))
                    }
                    if try body(event, state) { return }
                }
                if try body(nil, state) { return }
            }
        }
    }

    /// What prevents access to the broker altogether, with the exit status of the command.
    var lacksBroker: CommandError? {
        guard let status = link.monitor.sources.first(where: { $0.name == .management }), let problem = status.problem
        else {
            return nil
        }
        let words = [problem, status.advice].compactMap { $0 }.joined(separator: "\n")
        switch status.state {
        case .unreachable: return CommandError(words, exitCode: ExitStatus.unreachable)
        case .denied: return CommandError(words, exitCode: ExitStatus.notPermitted)
        case .connecting, .live, .stale, .notEnabled, .off: return nil
        }
    }

    private func running<Answer: Sendable>(
        _ body: @Sendable () async throws -> Answer
    ) async rethrows -> Answer {
        // Cancelled and awaited when the body has ended.
        async let _: Void = link.run()
        return try await body()
    }
}

/// Catches Ctrl-C and SIGTERM while something runs that can be stopped in order.
final class Interrupt: Sendable {
    private let sources: Mutex<[any DispatchSourceSignal]>

    init(_ action: @escaping @Sendable () -> Void) {
        sources = Mutex(
            [SIGINT, SIGTERM].map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler(handler: action)
                source.resume()
                return source
            })
    }

    func end() {
        sources.withLock { sources in
            for source in sources { source.cancel() }
            sources = []
        }
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    }
}
