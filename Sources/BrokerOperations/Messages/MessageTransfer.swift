import AMQPWire
package import BrokerMonitor
import NIOCore
import NIOPosix
import Names
public import RabbitMQClient
import Synchronization

/// Takes messages from a queue, and publishes, deletes or reads them.
///
/// A message is acknowledged in its queue only when its target has confirmed it, so that it is in one of both whatever
/// ends: rabbittop, a connection or a broker. It can be in both then; the report says of how many that is possible.
public final class MessageTransfer: Sendable {
    struct State {
        var tally = TransferTally()
        var credit = TransferCredit(wanted: 0)
        /// Messages that are published and not confirmed, and their bytes.
        var onTheWay = 0
        var bytesOnTheWay = 0
        /// Confirmed deliveries whose acknowledgement waits.
        var confirmed: [Delivery] = []
        /// Whether a message is kept unacknowledged, so that acknowledgements of several at once are not possible.
        var keepsAny = false
        /// Kept messages that were delivered as often as the queue allows: returning them would remove them.
        var exhausted: [Delivery] = []
        var putBack = 0
        var notPutBack = 0
        var acknowledgedTotal = 0
        /// How many were acknowledged until when, of the last seconds.
        var acknowledgedAt: [(uptime: Double, total: Int)] = []
        /// When the reader began to wait for a delivery.
        var waitsSince: Double?
        var isStopped = false
        /// Whether everything is taken and settled.
        var isOver = false
        var readBytes = 0
        var failure: TransferFailure?
        var notes: [String] = []
    }

    let plan: TransferPlan
    let source: ConnectionConfiguration
    let target: ConnectionConfiguration
    let clock: MonitorClock
    let state = Mutex(State())
    let room: WakeSignal

    /// Prepares a transfer.
    ///
    /// - Parameters:
    ///   - source: the broker and vhost of the queue.
    ///   - target: the broker and vhost that is published to.
    public convenience init(
        _ plan: TransferPlan, from source: ConnectionConfiguration, to target: ConnectionConfiguration
    ) {
        self.init(plan, from: source, to: target, clock: .system)
    }

    package init(
        _ plan: TransferPlan, from source: ConnectionConfiguration, to target: ConnectionConfiguration,
        clock: MonitorClock
    ) {
        self.plan = plan
        self.source = Self.prepared(source)
        self.target = Self.prepared(target)
        self.clock = clock
        room = WakeSignal(clock: clock)
    }

    private static func prepared(_ address: ConnectionConfiguration) -> ConnectionConfiguration {
        var address = address
        // What is not acknowledged when a connection is lost is in its queue again.
        address.recovery = .off
        address.consumerBufferSize = TransferPlan.windowBytes
        address.boundsPrefetchedBytes = true
        // An alarm blocks publishers for as long as it lasts.
        address.publishTimeout = .seconds(86_400)
        return address
    }

    /// What was done so far.
    public var tally: TransferTally { state.withLock { $0.tally } }

    /// Ends the transfer between two messages.
    public func stop() {
        state.withLock { $0.isStopped = true }
        room.ring()
    }

    /// How long confirms and acknowledgements are awaited at the end, in seconds.
    private static let patience = 5.0

    /// Runs to the end.
    ///
    /// - Parameter progress: receives a few times a second how many messages were delivered of how many.
    public func run(progress: @escaping @Sendable (TransferProgress) -> Void = { _ in }) async -> TransferReport {
        do throws(TransferFailure) {
            let taking = try await SourceQueue.open(plan.queue, source, plan.streamOffset)
            do throws(TransferFailure) {
                let publishing = plan.destination == nil ? nil : try await TargetChannel.open(target, plan)
                let most = plan.filter == nil ? plan.count ?? .max : plan.depth ?? .max
                // A stream counts its messages a moment after it has them; its reader ends when none comes.
                let isReader = plan.streamOffset != nil && plan.destination == nil && plan.filter == nil
                let wanted = isReader && most < .max ? most : min(taking.ready, most)
                state.withLock { $0.credit = TransferCredit(wanted: wanted) }
                await work(taking, publishing, progress)
                await publishing?.close()
                await taking.close()
            } catch {
                await taking.close()
                throw error
            }
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
        }
        return state.withLock { state in
            let end: TransferReport.End =
                if let failure = state.failure {
                    .failed(failure.what, advice: failure.advice, kind: failure.kind)
                } else if state.isStopped {
                    .stopped
                } else {
                    .finished
                }
            return TransferReport(tally: state.tally, end: end, notes: state.notes)
        }
    }

    private func work(
        _ source: SourceQueue, _ target: TargetChannel?, _ progress: @escaping @Sendable (TransferProgress) -> Void
    ) async {
        let (sent, continuation) = AsyncStream<SentMessage>.makeStream()
        await withTaskGroup(of: Void.self) { tasks in
            let ticker = Ticker(clock: clock)
            let all = source.ready
            tasks.addTask {
                await ticker.run { seconds in
                    let tally = self.sample()
                    progress(
                        TransferProgress(
                            tally: tally, messages: all, seconds: seconds, blocked: target?.blockedReason))
                }
            }
            tasks.addTask { await self.watch(source) }
            tasks.addTask {
                for await message in sent { await self.settle(message) }
                self.state.withLock { $0.isOver = true }
                ticker.stop()
            }
            tasks.addTask {
                do throws(TransferFailure) {
                    try await self.read(source, target) { continuation.yield($0) }
                } catch {
                    self.state.withLock { $0.failure = $0.failure ?? error }
                }
                continuation.finish()
                await self.settleRest(target)
            }
            await tasks.waitForAll()
        }
        await finish(source)
    }

    /// Waits for confirms that are outstanding. After a stop or a failure those that do not come in time are given up.
    private func settleRest(_ target: TargetChannel?) async {
        var deadline: Double?
        while state.withLock({ $0.onTheWay > 0 }) {
            if state.withLock({ $0.isStopped || $0.failure != nil }) {
                let end = deadline ?? clock.uptime() + Self.patience
                deadline = end
                if clock.uptime() > end {
                    await target?.abandon()
                    return
                }
            }
            try? await clock.sleep(0.01)
        }
    }

    /// Acknowledges what waits, puts exhausted messages back, and has the broker process the acknowledgements.
    private func finish(_ source: SourceQueue) async {
        // Acknowledgements would let a consumer deliver more.
        try? await source.cancel()
        state.withLock { acknowledge(&$0) }
        await putBackExhausted(source)
        let (put, left) = state.withLock { ($0.putBack, $0.notPutBack) }
        if put + left > 0 {
            let rest = left > 0 ? "; \(left) could not be, and the queue drops or dead-letters them" : ""
            state.withLock { state in
                state.notes.append(
                    "\(put) kept messages had used up the queue's delivery limit and were put at its end as new ones"
                        + rest)
            }
        }
        let isProcessed = await source.sync()
        state.withLock { state in
            guard plan.removes, !isProcessed else { return }
            state.tally.possibleDuplicates += state.confirmed.count + state.acknowledgedLately(clock.uptime())
        }
    }

    /// Publishes kept messages to their queue again, whose return would exceed its delivery limit.
    func putBackExhausted(_ source: SourceQueue) async {
        let exhausted = state.withLock { state in
            defer { state.exhausted = [] }
            return state.exhausted
        }
        for delivery in exhausted {
            let isPut = await source.putBack(delivery)
            state.withLock { state in
                if isPut { state.putBack += 1 } else { state.notPutBack += 1 }
            }
        }
    }

    private func sample() -> TransferTally {
        state.withLock { state in
            state.acknowledgedAt.append((clock.uptime(), state.acknowledgedTotal))
            if state.acknowledgedAt.count > 60 { state.acknowledgedAt.removeFirst() }
            return state.tally
        }
    }

    /// Acknowledges the deliveries that wait for it, the oldest first. Called with the lock held, so that
    /// acknowledgements are in order.
    func acknowledge(_ state: inout State, most: Int = .max) {
        let count = min(most, state.confirmed.count)
        guard count > 0 else { return }
        do throws(ClientError) {
            if state.keepsAny {
                for _ in 0..<count {
                    try state.confirmed[0].ack()
                    state.confirmed.removeFirst()
                    state.acknowledged()
                }
            } else {
                try state.confirmed[count - 1].ack(multiple: true)
                for _ in 0..<count { state.acknowledged() }
                state.confirmed.removeFirst(count)
            }
        } catch {
            // The channel is closed, which the reader learns, too; the messages are in their queue again.
        }
    }
}

extension MessageTransfer.State {
    mutating func acknowledged() {
        credit.acknowledge()
        acknowledgedTotal += 1
    }

    /// The most acknowledgements that a classic queue keeps in memory before it writes them, while it is never idle.
    private static let mostUnwritten = 32_768

    /// The acknowledgements that a broker may not have stored if it ended now: those of the last seconds, and as many
    /// as a queue may not have written.
    func acknowledgedLately(_ uptime: Double) -> Int {
        let before = acknowledgedAt.last { $0.uptime < uptime - 5 }?.total ?? 0
        return max(acknowledgedTotal - before, min(acknowledgedTotal, Self.mostUnwritten))
    }
}
