import BrokerLink
import Dispatch
import Foundation
import Glibc
import Synchronization
import TopCore

/// A link to the broker without a screen, for commands that ask or do something and end.
struct HeadlessLink: Sendable {
    let link: BrokerLink
    private let arrivals: AsyncStream<Void>

    init(_ configuration: BrokerLinkConfiguration) throws {
        let (arrivals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.arrivals = arrivals
        link = try BrokerLink(configuration, inbox: Inbox(onArrival: { continuation.yield() }))
    }

    /// Runs one operation to its end; Ctrl-C stops it, and what came of it until then is its result.
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

    /// Keeps a state up to date until `body` has seen enough.
    ///
    /// - Parameter body: gets the state, the time when watching began and a counter of its own, every 50 ms; says
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

    /// What keeps us from the broker altogether, with the status a command ends with.
    var lacksBroker: CommandError? {
        guard let status = link.sources.first(where: { $0.name == .management }), let problem = status.problem else {
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
        let service = Task { await link.run() }
        do {
            let answer = try await body()
            service.cancel()
            await service.value
            return answer
        } catch {
            service.cancel()
            await service.value
            throw error
        }
    }
}

/// Hears Ctrl-C and SIGTERM while something runs that can be stopped in an orderly way.
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
