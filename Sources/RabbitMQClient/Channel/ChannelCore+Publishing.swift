import AMQPWire
import NIOCore

extension ChannelCore {
    /// The header that distinguishes a returned mandatory message from others with the same routing key.
    static let sequenceHeader = "x-publish-sequence"

    /// Sends a message once there is space, and returns its sequence number.
    nonisolated(nonsending) func publishConfirmed(
        _ message: OutgoingMessage, isTraced: Bool = false
    ) async throws(ClientError) -> UInt64 {
        if !isTraced, let tracing = connection.tracing { return try await publishConfirmed(message, tracing) }
        if !connection.outbox.hasRoom { try await waitForRoom() }
        switch send(message, confirmed: true) {
        case .success(let sequence): return sequence
        case .failure(.suspended): return try await sendWhenReady(message, confirmed: true)
        case .failure(let error): throw error
        }
    }

    nonisolated(nonsending) func publishAndWait(_ message: OutgoingMessage) async throws(ClientError) {
        if let tracing = connection.tracing { return try await publishAndWait(message, tracing) }
        if !connection.outbox.hasRoom { try await waitForRoom() }
        // The waiter is registered together with the message, under one lock.
        let result = await ConfirmWaiter.wait { waiter in
            switch send(message, confirmed: true, waiter) {
            case .success: nil
            case .failure(let error): .failure(error)
            }
        } cancelled: { id in
            cancelAwaitConfirm(id)
        }
        if case .failure(.suspended) = result {
            return try await awaitConfirm(try await sendWhenReady(message, confirmed: true))
        }
        try result.get()
    }

    nonisolated(nonsending) func publishUnconfirmed(
        _ message: OutgoingMessage, isTraced: Bool = false
    ) async throws(ClientError) {
        if !isTraced, let tracing = connection.tracing { return try await publishUnconfirmed(message, tracing) }
        if !connection.outbox.hasRoom { try await waitForRoom() }
        switch send(message, confirmed: false) {
        case .success: return
        case .failure(.suspended): _ = try await sendWhenReady(message, confirmed: false)
        case .failure(let error): throw error
        }
    }

    /// Sends a message after recovery: nothing has been sent yet, so it is safe to wait.
    private nonisolated(nonsending) func sendWhenReady(_ message: OutgoingMessage, confirmed: Bool)
        async throws(ClientError) -> UInt64
    {
        let deadline = NIODeadline.now() + connection.publishTimeout
        while true {
            try await awaitReady(until: deadline, for: .basicPublish)
            switch send(message, confirmed: confirmed) {
            case .success(let sequence): return sequence
            case .failure(.suspended): continue
            case .failure(let error): throw error
            }
        }
    }

    private nonisolated(nonsending) func waitForRoom() async throws(ClientError) {
        switch await connection.outbox.waitForRoom(until: .now() + connection.publishTimeout) {
        case .room, .closed: return
        case .overdue:
            throw ClientError(.timeout, "The broker did not read what was to be published in time; nothing was sent.")
        case .cancelled:
            throw ClientError(.cancelled, "The publish was cancelled before it was sent.")
        }
    }

    /// Numbers the message, adds its frames to the outbox and registers it for its confirm, under one lock.
    private func send(
        _ message: borrowing OutgoingMessage, confirmed: Bool, _ waiter: ConfirmWaiter? = nil
    ) -> Result<UInt64, ClientError> {
        let now: NIODeadline = confirmed ? .now() : .uptimeNanoseconds(0)
        let number = self.number
        var wake = false
        let result: Result<UInt64, ClientError> = state.withLockedValue { state in
            switch state.machine.canRequest() {
            case .send: break
            case .wait: return .failure(.suspended)
            case .refuse(let reason): return .failure(.closed(reason, .basicPublish))
            }
            let frameMax = state.frameMax
            var selects = false
            if confirmed, !state.settings.hasConfirms {
                guard !state.settings.isTransactional else {
                    return .failure(
                        ClientError(
                            .invalidArgument,
                            "A transactional channel has no confirms.",
                            advice: "Publish with publishUnconfirmed and commit, or use another channel."
                        )
                    )
                }
                selects = true
            }
            let sequence = selects || state.settings.hasConfirms ? state.publishing.next : 0
            // The method, the header, and the body in as many frames as needed (AMQP 0-9-1, section 4.2.6).
            let bodyRoom = frameMax == 0 ? Int.max : max(1, Int(frameMax) - 8)
            let size = message.body.readableBytes
            let bodyFrames = size <= bodyRoom ? min(size, 1) : (size - 1) / bodyRoom + 1
            let written = connection.outbox.appendContent(frames: UInt64(2 + bodyFrames + (selects ? 1 : 0))) {
                buffer throws(WireError) in
                if selects { try buffer.bytes.writeFrame(channel: number, .confirmSelect(ConfirmSelect())) }
                do throws(WireError) {
                    try write(message, sequence, to: &buffer, frameMax: frameMax, &state.publishing.template)
                } catch {
                    if selects { buffer.bytes.moveWriterIndex(to: buffer.bytes.writerIndex - Self.confirmSelectSize) }
                    throw error
                }
            }
            switch written {
            case .failure(let error): return .failure(ClientError(.invalidArgument, "basic.publish: \(error)."))
            case .success(let mustWake): wake = mustWake
            }
            if selects {
                state.settings.requested(.confirmSelect(ConfirmSelect()))
                // The reply has no waiter: a failure closes the channel, and the publishes after it report that.
                expectUnheard(MethodID.confirmSelect, &state)
            }
            state.settings.worked()
            if sequence > 0 {
                if message.mandatory, !message.isNumbered { state.publishing.publishedUnnumbered(copy message) }
                let now = confirmed ? now : .now()
                state.publishing.published(
                    waiter, at: now, deadline: now + connection.publishTimeout, isTimed: connection.metrics != nil)
            }
            state.record.counts.published += 1
            return .success(sequence)
        }
        if wake { connection.wake() }
        return result
    }

    /// Writes a message's frames. If it throws, it has written nothing.
    private func write(
        _ message: borrowing OutgoingMessage,
        _ sequence: UInt64,
        to buffer: inout FrameBuffer,
        frameMax: UInt32,
        _ template: inout PublishTemplate?
    ) throws(WireError) {
        let isLikeLast =
            template?.fits(
                exchange: message.exchange, routingKey: message.routingKey, mandatory: message.mandatory,
                properties: message.properties) ?? false
        // The sequence number of a mandatory message is sent with it, so that a returned message can be identified.
        let isNumbered = message.mandatory && message.isNumbered && sequence > 0
        if isLikeLast, !isNumbered {
            try template?.writeContent(body: message.body, frameMax: frameMax, to: &buffer)
            return
        }
        let method = BasicPublish(
            exchange: message.exchange, routingKey: message.routingKey, mandatory: message.mandatory)
        template = PublishTemplate(channel: number, method, properties: message.properties)
        try buffer.writeContent(
            channel: number,
            .basicPublish(method),
            properties: message.properties,
            body: message.body,
            frameMax: frameMax,
            extraHeader: isNumbered
                ? (Self.sequenceHeader, .int64(Int64(truncatingIfNeeded: sequence))) : nil
        )
    }

    /// The size of the `confirm.select` frame, in bytes.
    private static let confirmSelectSize = 13

    // MARK: Awaiting

    /// Returns when the message of that number is confirmed.
    nonisolated(nonsending) func awaitConfirm(_ sequence: UInt64) async throws(ClientError) {
        if let settled = state.withLockedValue({ $0.outcome(of: sequence) }) { return try settled.get() }
        let result = await ConfirmWaiter.wait { waiter in
            state.withLockedValue { state -> Result<Void, ClientError>? in
                if let settled = state.outcome(of: sequence) { return settled }
                state.publishing.add(waiter, for: sequence)
                return nil
            }
        } cancelled: { id in
            cancelAwaitConfirm(id, sequence)
        }
        try result.get()
    }

    /// Whether the outcome of a message is known; then waiting for it returns at once.
    func isSettled(_ sequence: UInt64) -> Bool {
        state.withLockedValue { !$0.publishing.isPending(sequence) || $0.machine.closeReason != nil }
    }

    /// Without a sequence number all waits are searched.
    private func cancelAwaitConfirm(_ id: WaiterID, _ sequence: UInt64? = nil) {
        let waiter = state.withLockedValue { $0.publishing.take(id, for: sequence) }
        waiter?.resume(
            .failure(ClientError(.cancelled, "The wait for a confirm was cancelled; the broker may have the message.")))
    }

    // MARK: Receiving

    /// The broker confirms messages. Runs on the event loop.
    func confirmsReceived(_ acks: [BasicAck]) {
        finish(
            state.withLockedValue { state in
                guard state.machine.isReceiving else { return nil }
                let settled = state.publishing.acksReceived(acks)
                state.record.counts.confirmed += settled.count
                return settled
            })
    }

    /// The broker refuses messages (`basic.nack`). Runs on the event loop.
    func refusalReceived(_ nack: BasicNack) {
        finish(
            state.withLockedValue { state in
                guard state.machine.isReceiving else { return nil }
                let settled = state.publishing.nackReceived(nack)
                state.record.counts.nacked += settled.count
                return settled
            })
    }

    private func finish(_ settled: ChannelPublishing.Settled?) {
        guard let settled else { return }
        if let measured = settled.measured { connection.metrics?.confirmed(after: .now() - measured) }
        settled.resume()
    }

    /// A mandatory message is returned; its ack follows. Runs on the event loop.
    func returnReceived(_ method: BasicReturn, _ content: Content) {
        let returned = ClientError.Return(
            code: method.replyCode.rawValue,
            text: method.replyText,
            exchange: method.exchange,
            routingKey: method.routingKey
        )
        let given = content.properties.headers?[Self.sequenceHeader]?.intValue.flatMap { UInt64(exactly: $0) }
        state.withLockedValue { state in
            guard state.machine.isReceiving else { return }
            state.record.counts.returned += 1
            // A message that is passed on may have the header of another publisher.
            if let sequence = state.publishing.unnumberedSequence(of: method, content) ?? given {
                state.publishing.returnReceived(sequence, returned)
            }
        }
        connection.note(.publishReturned(returned), channel: number)
    }
}

extension ChannelCore.State {
    /// Returns nil while the message is pending.
    fileprivate func outcome(of sequence: UInt64) -> Result<Void, ClientError>? {
        publishing.outcome(of: sequence) ?? machine.closeReason.map { .failure(.indeterminate($0)) }
    }
}
