import AMQPWire
import Names

// Updates a channel's state from the frames that pass.
extension ChannelTrack {
    mutating func publish() {
        published += 1
        contentOfClient = .header
        guard isConfirming else { return }
        unconfirmed.add(nextSequence)
        nextSequence += 1
    }

    /// Records a `basic.deliver`: the consumer's tag as a short string, then the delivery tag (AMQP 0-9-1, section
    /// 1.8.3.13).
    ///
    /// - Returns: whether the message was delivered before.
    mutating func deliver(_ frame: FrameScanner.Slice, _ scanner: FrameScanner) -> Bool {
        delivered += 1
        contentOfBroker = .header
        guard let length: UInt8 = scanner.integer(of: frame, at: 4),
            let tag: UInt64 = scanner.integer(of: frame, at: 5 + Int(length)),
            let bits: UInt8 = scanner.integer(of: frame, at: 13 + Int(length))
        else { return false }
        let isRedelivered = bits & 1 != 0
        if noAckConsumers > 0 {
            let name = scanner.buffer.viewBytes(at: frame.payloadIndex + 5, length: Int(length)).map { Name(bytes: $0) }
            if let name, consumers[name]?.noAck == true { return isRedelivered }
        }
        unacked.add(tag)
        return isRedelivered
    }

    /// Records a `basic.ack`, `basic.reject` or `basic.nack`. They begin with the tag; the first bit after it is
    /// `multiple`, except for reject.
    mutating func settle(_ frame: FrameScanner.Slice, _ scanner: FrameScanner, _ method: UInt16, from side: Side) {
        guard let tag: UInt64 = scanner.integer(of: frame, at: 4) else { return }
        let bits: UInt8 = scanner.integer(of: frame, at: 12) ?? 0
        let multiple = method != 90 && bits & 1 != 0
        switch side {
        case .client: acked += UInt64(unacked.settle(tag, multiple: multiple))
        case .broker: confirmed += UInt64(unconfirmed.settle(tag, multiple: multiple))
        }
    }

    mutating func observe(_ method: Method, from side: Side) {
        switch (method, side) {
        case (.confirmSelect, .client): isConfirming = true
        case (.basicQos(let qos), .client): prefetch = qos.prefetchCount
        case (.basicConsume(let consume), .client):
            guard consumers.count + requestedConsumers.count < Self.mostConsumers else { return }
            let consumer = Consumer(
                queue: consume.queue, noAck: consume.noAck, isEstablished: consume.noWait)
            if consume.noWait { cutConsumers[consume.consumerTag] = nil }
            // For an empty tag, the broker generates one and sends it in the answer.
            if consume.consumerTag.isEmpty {
                requestedConsumers.append(consumer)
            } else {
                consumers[consume.consumerTag] = consumer
            }
        case (.basicConsumeOk(let ok), .broker):
            cutConsumers[ok.consumerTag] = nil
            if consumers[ok.consumerTag] == nil, !requestedConsumers.isEmpty {
                consumers[ok.consumerTag] = requestedConsumers.removeFirst()
            }
            consumers[ok.consumerTag]?.isEstablished = true
        case (.basicCancel(let cancel), .client):
            if cancel.noWait { consumers[cancel.consumerTag] = nil }
        case (.basicCancelOk(let ok), .broker): consumers[ok.consumerTag] = nil
        case (.basicGet(let get), .client): requestedGets.append(get.noAck)
        case (.basicGetOk(let ok), .broker):
            contentOfBroker = .header
            delivered += 1
            if requestedGets.isEmpty || !requestedGets.removeFirst() { unacked.add(ok.deliveryTag) }
        case (.basicGetEmpty, .broker): if !requestedGets.isEmpty { requestedGets.removeFirst() }
        case (.basicRecover, .client), (.basicRecoverAsync, .client): unacked.removeAll()
        default: break
        }
    }
}
