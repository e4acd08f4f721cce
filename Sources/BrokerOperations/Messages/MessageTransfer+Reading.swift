import AMQPWire
import NIOCore
import Names
import RabbitMQClient
import TopCore

extension MessageTransfer {
    /// The messages of the first consumer, from which the usual size is learned.
    private static let firstMessages = 20

    /// Takes messages until everything is taken, and sends those that match.
    func read(
        _ source: SourceQueue, _ target: TargetChannel?, sent: (SentMessage) -> Void
    ) async throws(TransferFailure) {
        let start = clock.uptime()
        var paced = 0
        var deliveries: Consumer.Iterator?
        while !state.withLock({ $0.isStopped }) {
            switch state.withLock({ $0.credit.step(onTheWay: $0.onTheWay) }) {
            case .end: return
            case .wait:
                await room.wait(atMost: 0.2)
                continue
            case .consume:
                deliveries = try await nextConsumer(source).makeAsyncIterator()
                continue
            case .take: break
            }
            state.withLock { $0.waitsSince = clock.uptime() }
            let delivery: Delivery?
            do throws(ClientError) { delivery = try await deliveries?.next() } catch { throw TransferFailure(error) }
            state.withLock { $0.waitsSince = nil }
            guard let delivery else { return }
            try await handle(delivery, source, target, sent: sent)
            if state.withLock({ $0.exhausted.count }) >= 50 { await putBackExhausted(source) }
            if let rate = plan.rate {
                paced += 1
                let pause = start + min(Double(paced) / rate, 9e9) - clock.uptime()
                var left = pause
                while left > 0, !state.withLock({ $0.isStopped }) {
                    try? await clock.sleep(min(left, 0.2))
                    left -= 0.2
                }
            }
        }
    }

    /// Ends the consumer, and begins another. Nothing is on its way, and everything delivered is handled.
    private func nextConsumer(_ source: SourceQueue) async throws(TransferFailure) -> Consumer {
        try await source.cancel()
        let prefetch = state.withLock { state in
            acknowledge(&state)
            let wanted = state.credit.wanted
            var most = Int.max
            var prefetch = min(plan.window, plan.rate.map { max(1, Int(min($0, 1e6))) } ?? .max)
            if state.tally.delivered == 0 {
                most = Self.firstMessages
                prefetch = min(prefetch, most)
            } else {
                let usual = max(1, state.readBytes / state.tally.delivered)
                prefetch = min(prefetch, max(1, TransferPlan.windowBytes / usual))
            }
            prefetch = max(1, min(prefetch, wanted, Int(UInt16.max)))
            state.credit.consume(prefetch: prefetch, most: most)
            return prefetch
        }
        return try await source.consume(prefetch: prefetch)
    }

    private func handle(
        _ delivery: Delivery, _ source: SourceQueue, _ target: TargetChannel?, sent: (SentMessage) -> Void
    ) async throws(TransferFailure) {
        let message = TakenMessage(delivery)
        source.noteOffset(of: message)
        let matches = plan.filter?(message) ?? true
        let position = state.withLock { state in
            state.credit.take()
            state.readBytes += message.size
            state.tally.delivered += 1
            if matches { state.tally.taken += 1 }
            return state.tally.delivered
        }
        if !matches { return keep(delivery, message) }
        switch plan.work {
        case .read(let body):
            do {
                let wantsMore = try body(message, position)
                state.withLock { $0.tally.moved(nil) }
                if !wantsMore { state.withLock { $0.credit.stop() } }
            } catch {
                throw TransferFailure("\(error)")
            }
            keep(delivery, message)
        case .delete:
            settled(delivery, nil)
        case .move(let destination), .copy(let destination):
            guard let target else { return keep(delivery, message) }
            try await publish(delivery, message, destination, target, sent: sent)
        }
        if let count = plan.count, state.withLock({ $0.tally.taken }) >= count {
            state.withLock { $0.credit.stop() }
        }
    }

    private func publish(
        _ delivery: Delivery, _ message: TakenMessage, _ destination: MessageDestination, _ target: TargetChannel,
        sent: (SentMessage) -> Void
    ) async throws(TransferFailure) {
        let outgoing = plan.replacement?(message) ?? message
        let copy: OutgoingCopy
        do throws(MessageRefusal) {
            copy = try plan.rules.outgoing(outgoing, to: destination)
            if case .origin = destination { try await target.check(copy) }
        } catch {
            state.withLock { $0.tally.failed(error.why) }
            return keep(delivery, message)
        }
        let size = max(message.size, outgoing.size)
        let isLarge = size >= TransferPlan.largeBytes
        await waitForRoom(isLarge ? 0 : TransferPlan.windowBytes)
        // A confirm that came meanwhile shows a closed channel.
        state.withLock { state in
            state.onTheWay += 1
            state.bytesOnTheWay += size
        }
        do throws(TransferFailure) {
            let confirmation = try await target.publish(copy, body: outgoing.body)
            sent(SentMessage(confirmation: confirmation, delivery: delivery, group: copy.group, size: size))
        } catch {
            state.withLock { state in
                state.onTheWay -= 1
                state.bytesOnTheWay -= size
                state.tally.failed(error.what)
            }
            keep(delivery, message)
            throw error
        }
        if isLarge { await waitForRoom(0) }
    }

    /// Waits until at most so many bytes are on their way, or the transfer is stopped.
    private func waitForRoom(_ bytes: Int) async {
        while state.withLock({ $0.bytesOnTheWay > bytes && !$0.isStopped }) { await room.wait(atMost: 0.2) }
    }

    // MARK: Settling

    /// Awaits the confirm of a message.
    func settle(_ message: SentMessage) async {
        var failure: ClientError?
        do throws(ClientError) { try await message.confirmation.wait() } catch { failure = error }
        let isNext = state.withLock { state in
            state.onTheWay -= 1
            state.bytesOnTheWay -= message.size
            return state.onTheWay == 0
        }
        if let failure {
            failed(message, failure)
        } else {
            settled(message.delivery, message.group)
        }
        if isNext || state.withLock({ $0.onTheWay < plan.window / 2 }) { room.ring() }
    }

    private func failed(_ message: SentMessage, _ error: ClientError) {
        state.withLock { $0.tally.failed(error, group: message.group) }
        keep(message.delivery, TakenMessage(message.delivery))
    }

    /// A message is where it belongs: it leaves its queue, unless it is only copied.
    private func settled(_ delivery: Delivery, _ group: TransferGroup?) {
        guard plan.removes else {
            state.withLock { $0.tally.moved(group) }
            return keep(delivery, TakenMessage(delivery))
        }
        state.withLock { state in
            state.tally.moved(group)
            state.confirmed.append(delivery.withoutContent)
            let batch = max(1, min(100, plan.window / 8))
            let isLast = state.onTheWay == 0 && plan.destination != nil
            if isLast || state.confirmed.count >= batch {
                acknowledge(&state, most: state.credit.mayAcknowledge)
            }
        }
    }

    /// The message stays in its queue: it is not settled, and returns to it at the end.
    private func keep(_ delivery: Delivery, _ message: TakenMessage) {
        if plan.streamOffset != nil {
            // A stream delivers more for each acknowledgement, and removes nothing.
            _ = try? delivery.ack()
            return state.withLock { $0.credit.acknowledge() }
        }
        state.withLock { state in
            state.keepsAny = true
            state.credit.keep()
            if let limit = plan.deliveryLimit, let count = message.deliveryCount, count >= limit {
                state.exhausted.append(delivery)
            }
        }
    }
}
