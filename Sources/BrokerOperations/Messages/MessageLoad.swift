import AMQPWire
import BrokerMonitor
import NIOCore
import Names
public import RabbitMQClient
import Synchronization
public import TopCore

/// Publishes saved messages, as they were.
public final class MessageLoad: Sendable {
    private struct State {
        var tally = TransferTally()
        var onTheWay = 0
        var bytesOnTheWay = 0
        var isStopped = false
        var failure: TransferFailure?
    }

    private struct Sent: Sendable {
        var confirmation: Confirmation
        var group: TransferGroup
        var size: Int
    }

    /// What is published.
    private let destination: MessageDestination?
    private let rules: MessageRules
    private let rate: Double?
    private let window: Int
    private let address: ConnectionConfiguration
    private let clock: MonitorClock
    private let state = Mutex(State())
    private let room: WakeSignal

    private static let patience = 5.0

    /// Prepares the publishing of saved messages.
    ///
    /// - Parameters:
    ///   - destination: where they go; nil for the exchange and routing key that each was saved with.
    ///   - rate: messages per second at the most.
    ///   - window: the most messages that are published and not confirmed.
    public init(
        to destination: MessageDestination?, of address: ConnectionConfiguration, rules: MessageRules, rate: Double?,
        window: Int
    ) {
        self.destination = destination
        self.rules = rules
        self.rate = rate
        self.window = max(1, window)
        var address = address
        address.recovery = .off
        address.publishTimeout = .seconds(86_400)
        self.address = address
        clock = .system
        room = WakeSignal(clock: .system)
    }

    /// Ends between two messages.
    public func stop() {
        state.withLock { $0.isStopped = true }
        room.ring()
    }

    /// Publishes messages until there are no more.
    ///
    /// - Parameters:
    ///   - progress: receives a few times a second what was done.
    ///   - next: returns the next message, nil at the end; an error ends the run.
    public func run(
        progress: @escaping @Sendable (TransferProgress) -> Void = { _ in },
        next: @escaping @Sendable () throws -> SavedMessage?
    ) async -> TransferReport {
        do throws(TransferFailure) {
            var plan = TransferPlan(.copy(destination ?? .exchange("", routingKey: nil)), queue: "", rules: rules)
            plan.window = window
            let target = try await TargetChannel.open(address, plan)
            await work(target, progress, next)
            await target.close()
        } catch {
            state.withLock { $0.failure = error }
        }
        return state.withLock { state in
            let end: TransferReport.End =
                if let failure = state.failure {
                    .failed(failure.what, advice: failure.advice, kind: failure.kind)
                } else if state.isStopped { .stopped } else { .finished }
            return TransferReport(tally: state.tally, end: end)
        }
    }

    private func work(
        _ target: TargetChannel, _ progress: @escaping @Sendable (TransferProgress) -> Void,
        _ next: @escaping @Sendable () throws -> SavedMessage?
    ) async {
        let (sent, continuation) = AsyncStream<Sent>.makeStream()
        await withTaskGroup(of: Void.self) { tasks in
            let ticker = Ticker(clock: clock)
            tasks.addTask {
                await ticker.run { seconds in
                    let tally = self.state.withLock { $0.tally }
                    progress(
                        TransferProgress(
                            tally: tally, messages: tally.taken, seconds: seconds, blocked: target.blockedReason))
                }
            }
            tasks.addTask {
                for await message in sent { await self.settle(message) }
                ticker.stop()
            }
            tasks.addTask {
                do throws(TransferFailure) {
                    try await self.publish(target, next) { continuation.yield($0) }
                } catch {
                    self.state.withLock { $0.failure = $0.failure ?? error }
                }
                continuation.finish()
                let isEnding = self.state.withLock { $0.isStopped || $0.failure != nil }
                let settled = await self.clock.wait(within: isEnding ? Self.patience : .infinity, every: 0.01) {
                    self.state.withLock { $0.onTheWay == 0 || $0.isStopped }
                }
                if !settled || self.state.withLock({ $0.onTheWay > 0 }) {
                    _ = await self.clock.wait(within: Self.patience, every: 0.01) {
                        self.state.withLock { $0.onTheWay == 0 }
                    }
                    if self.state.withLock({ $0.onTheWay > 0 }) { await target.abandon() }
                }
            }
            await tasks.waitForAll()
        }
    }

    private func publish(
        _ target: TargetChannel, _ next: @Sendable () throws -> SavedMessage?, _ sent: (Sent) -> Void
    ) async throws(TransferFailure) {
        let start = clock.uptime()
        var number = 0
        while !state.withLock({ $0.isStopped }) {
            let saved: SavedMessage?
            do { saved = try next() } catch { throw TransferFailure("\(error)") }
            guard let saved else { return }
            let size = saved.message.size
            let limit = size >= TransferPlan.largeBytes ? 0 : TransferPlan.windowBytes
            while state.withLock({ ($0.onTheWay >= window || $0.bytesOnTheWay > limit) && !$0.isStopped }) {
                await room.wait(atMost: 0.2)
            }
            let copy: OutgoingCopy
            do throws(MessageRefusal) {
                copy = try rules.outgoing(
                    saved.message,
                    to: destination ?? .exchange(saved.message.exchange, routingKey: nil))
                if destination == nil { try await target.check(copy) }
            } catch {
                state.withLock { state in
                    state.tally.taken += 1
                    state.tally.failed(error.why)
                }
                continue
            }
            state.withLock { state in
                state.tally.taken += 1
                state.onTheWay += 1
                state.bytesOnTheWay += size
            }
            do throws(TransferFailure) {
                let confirmation = try await target.publish(copy, body: saved.message.body)
                sent(Sent(confirmation: confirmation, group: copy.group, size: size))
            } catch {
                state.withLock { state in
                    state.onTheWay -= 1
                    state.bytesOnTheWay -= size
                    state.tally.failed(error.what)
                }
                throw error
            }
            number += 1
            if let rate {
                let pause = start + min(Double(number) / rate, 9e9) - clock.uptime()
                var left = pause
                while left > 0, !state.withLock({ $0.isStopped }) {
                    try? await clock.sleep(min(left, 0.2))
                    left -= 0.2
                }
            }
        }
    }

    private func settle(_ message: Sent) async {
        var failure: ClientError?
        do throws(ClientError) { try await message.confirmation.wait() } catch { failure = error }
        state.withLock { state in
            state.onTheWay -= 1
            state.bytesOnTheWay -= message.size
            if let failure {
                state.tally.failed(failure, group: message.group)
            } else {
                state.tally.moved(message.group)
            }
        }
        if state.withLock({ $0.onTheWay < window / 2 || $0.onTheWay == 0 }) { room.ring() }
    }
}
