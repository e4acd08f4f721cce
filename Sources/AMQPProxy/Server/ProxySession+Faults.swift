import AMQPWire
import Faults
import NIOCore
import Names

// Applies the server's faults to one session.
extension ProxySession {
    func meets(_ aim: FaultAim) -> Bool { aim.meets(machine.identity, names: names) }

    /// Updates the session's faults, after those in force or the identity of the client changed.
    func applyFaults() {
        let mine = server.faults.filter { meets($0.aim) }
        let known = machine.faults
        machine.faults = mine.filter { $0.frames != nil }.map { fault in
            known.first { $0.fault.id == fault.id } ?? begin(fault)
        }
        machine.needsNames = machine.faults.contains { $0.fault.aim.asksForNames }
        let gone = known.map(\.fault).filter { old in !machine.faults.contains { $0.fault.id == old.id } }
        shape(mine)
        block(mine.first { $0.declared is BlockConnectionFault })
        guard !gone.isEmpty else { return }
        // What a fault holds stays held if the fault ended by reaching its number of hits.
        let freed = Set(gone.filter { !server.isSpent($0) }.map(\.cause))
        step { machine, output in
            machine.release(of: freed)
            for number in machine.channels.keys { machine.channels[number]?.saysAgain() }
            machine.resumeBoth(&output)
            machine.release(now: .now(), &output)
        }
        flushBoth()
        passHeldEnd()
        readMore(.client)
        readMore(.broker)
    }

    /// A black hole without a condition begins immediately, even if no frame is received.
    private func begin(_ fault: ProxyFault) -> SessionFault {
        guard fault.frames?.beginsAtOnce == true, !fault.waits else { return SessionFault(fault: fault) }
        struck(fault)
        return SessionFault(fault: fault, hasStruck: true)
    }

    func flushBoth() {
        client.flush()
        broker?.flush()
    }

    /// Returns the fault that caused an event: one that recently took effect, or that is still in force.
    func cause(of event: SessionEvent) -> FaultCause? {
        switch event {
        case .struck(let fault, _):
            lastStrike = (fault, .now())
            return fault
        case .consumerCut(_, _, _, let fault), .passedUnheld(let fault): return fault
        case .channelCut(_, let request):
            if let fault = request.fault { lastStrike = (fault, .now()) }
            return request.fault
        case .connectionCut(_, _, let fault):
            if let fault { lastStrike = (fault, .now()) }
            return fault
        case .blocked: return blockedBy?.cause
        case .channelClosed(_, _, let closing):
            return closing.code == ReplyCode.success.rawValue ? nil : recentCause(.channel)
        case .connectionClosed(_, let closing):
            return closing.code == ReplyCode.success.rawValue ? nil : recentCause(.connection)
        case .returned: return recentCause(.message)
        case .ended: return recentCause(.connection)
        case .consumerCancelled, .opened, .channelOpened, .published, .consumed, .redelivered, .unblocked,
            .notUnderstood, .upstreamAway:
            return nil
        }
    }

    private func recentCause(_ scope: FaultDescription.Scope) -> FaultCause? {
        guard let lastStrike, lastStrike.fault.breaks.contains(scope) else { return nil }
        if NIODeadline.now() - lastStrike.at < .seconds(5) { return lastStrike.fault }
        return server.faults.contains { $0.cause == lastStrike.fault } ? lastStrike.fault : nil
    }

    private func struck(_ fault: ProxyFault) {
        _ = server.strikes(fault)
        for number in machine.channels.keys { machine.channels[number]?.saysAgain() }
        tell(.struck(fault.cause, channel: nil))
    }

    // MARK: Delayed and narrowed streams

    private func shape(_ faults: [ProxyFault]) {
        var limits: (client: [TrafficShaper.Limits], broker: [TrafficShaper.Limits]) = ([], [])
        var seed: UInt64 = 0
        let shaping = faults.compactMap { fault in (fault.declared as? any ShapingFault).map { (fault, $0) } }
        for (fault, shape) in shaping {
            if shape.sides.contains(.client) { limits.client.append(shape.limits) }
            if shape.sides.contains(.broker) { limits.broker.append(shape.limits) }
            seed = fault.seed
            if !shapedBy.contains(fault.id) { struck(fault) }
        }
        shapedBy = Set(shaping.map(\.0.id))
        shaperToClient.set(limits.client, seed: seed &+ id)
        shaperToBroker.set(limits.broker, seed: seed &+ id &+ 1)
        advance()
    }

    func write(_ bytes: ByteBuffer, to side: Side) {
        let isOpen = side == .client ? shaperToClient.isOpen : shaperToBroker.isOpen
        if isOpen {
            socket(side)?.write(bytes, promise: nil)
            return
        }
        if side == .client {
            shaperToClient.write(bytes, now: .now())
        } else {
            shaperToBroker.write(bytes, now: .now())
        }
        setAlarm()
    }

    /// Whether more bytes of a side can be accepted.
    func hasRoom(for side: Side) -> Bool {
        (side == .client ? shaperToBroker.hasRoom : shaperToClient.hasRoom) && !machine.holdsTooMuch(from: side)
    }

    /// Closes a socket after all bytes that are delayed for it.
    func end(_ side: Side) {
        let isOpen = side == .client ? shaperToClient.isOpen : shaperToBroker.isOpen
        if isOpen {
            socket(side)?.flush()
            if let socket = socket(side) { close(socket) }
            return
        }
        if side == .client { shaperToClient.end(now: .now()) } else { shaperToBroker.end(now: .now()) }
        setAlarm()
    }

    /// Sends all delayed bytes, because the session ends.
    func openLines() {
        shaperToClient.set([], seed: 0)
        shaperToBroker.set([], seed: 0)
        advance()
    }

    /// Sends what is due, and resumes reading if the limits allow it.
    private func advance() {
        let now = NIODeadline.now()
        for item in shaperToClient.take(now: now) { put(item, to: .client) }
        for item in shaperToBroker.take(now: now) { put(item, to: .broker) }
        step { machine, output in machine.release(now: now, &output) }
        flushBoth()
        readMore(.client)
        readMore(.broker)
        setAlarm()
    }

    private func put(_ item: TrafficShaper.Item, to side: Side) {
        guard let socket = socket(side) else { return }
        switch item {
        case .bytes(let bytes): socket.write(bytes, promise: nil)
        case .end: close(socket)
        }
    }

    func setAlarm() {
        alarm?.cancel()
        let now = NIODeadline.now()
        // What is due and waits for the end of a message is sent when it has passed.
        let held = machine.nextDue(after: now)
        guard let due = [shaperToClient.nextDue, shaperToBroker.nextDue, held].compactMap(\.self).min() else { return }
        let session = NIOLoopBound(self, eventLoop: eventLoop)
        alarm = eventLoop.scheduleTask(deadline: due) { session.value.advance() }
    }

    // MARK: Blocked

    private func block(_ fault: ProxyFault?) {
        guard machine.isOpen, fault?.id != blockedBy?.id else { return }
        let wasBlocked = blockedBy != nil
        blockedBy = fault
        heartbeats?.cancel()
        heartbeats = nil
        if let fault, let block = fault.declared as? BlockConnectionFault {
            struck(fault)
            step { machine, output in machine.tellBlocked(reason: block.reason, &output) }
            tell(.blocked(reason: block.reason))
            if block.holds { keepAlive() }
        } else if wasBlocked {
            step { machine, output in machine.tellBlocked(reason: nil, &output) }
            tell(.unblocked)
        }
        flushBoth()
    }

    /// A broker with an alarm does not close a client that it does not read. While the client is held back here, the
    /// proxy sends its heartbeats.
    private func keepAlive() {
        guard let interval = machine.identity.heartbeat, interval > 0 else { return }
        let session = NIOLoopBound(self, eventLoop: eventLoop)
        let half = TimeAmount.milliseconds(Int64(interval) * 500)
        heartbeats = eventLoop.scheduleRepeatedTask(initialDelay: half, delay: half) { _ in
            let session = session.value
            guard session.machine.isStalled(.client) else { return }
            session.write(ByteBuffer.heartbeat, to: .broker)
            session.broker?.flush()
        }
    }

    // MARK: Sockets

    /// Resets the sockets once the written bytes have had time to be sent, because a reset discards unsent bytes.
    func resetSoon(_ sides: Set<Side>) {
        isClosedByProxy = true
        openLines()
        flushBoth()
        let session = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: .milliseconds(20)) {
            for side in sides { if let socket = session.value.socket(side) { session.value.reset(socket) } }
        }
    }

    func reset(_ sides: Set<Side>) {
        isClosedByProxy = true
        for side in sides { if let socket = socket(side) { reset(socket) } }
    }

    /// Closes the other side's socket; this side's socket stays open, but receives nothing more.
    ///
    /// - Returns: false unless both sockets are present.
    func leaveOpen(_ side: Side) -> Bool {
        guard leftOpen == nil, let other = socket(side.other), other.isActive, socket(side)?.isActive == true else {
            return false
        }
        leftOpen = side
        isClosedByProxy = true
        closeNow(other)
        socket(side)?.read()
        return true
    }

    func closeLeftOpen() {
        guard let side = leftOpen, let socket = socket(side) else { return }
        socket.close(promise: nil)
    }

    // MARK: Channels

    /// Returns the numbers of the open channels that are selected.
    func channels(_ aim: FaultAim) -> [UInt16] {
        guard !machine.isEnding else { return [] }
        return machine.channels.compactMap { number, track in
            guard track.cut == nil, !track.isClosing else { return nil }
            let queues = track.consumers.values.map(\.queue) + [track.lastQueue].compactMap(\.self)
            return aim.meets(channel: number, queues: queues, exchange: track.lastExchange) ? number : nil
        }
        .sorted()
    }

    /// Cancels the selected consumers.
    ///
    /// - Returns: the number of cancelled consumers.
    func cancelConsumers(_ aim: FaultAim, towardsBroker: Bool, cause: FaultCause) -> Int {
        var cancelled: [(channel: UInt16, tag: Name, queue: Name)] = []
        let numbers = channels(aim)
        step(shares: true) { machine, _ in
            for number in numbers {
                cancelled += machine.cancelConsumers(of: number, aim, towardsBroker: towardsBroker).map {
                    (number, $0.tag, $0.queue)
                }
            }
        }
        for one in cancelled { tell(.consumerCut(one.channel, tag: one.tag, queue: one.queue, fault: cause)) }
        step { machine, output in machine.release(now: .now(), &output) }
        flushBoth()
        return cancelled.count
    }
}

extension ByteBuffer {
    /// A heartbeat frame (AMQP 0-9-1, section 4.2.7).
    fileprivate static var heartbeat: ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeHeartbeat()
        return bytes
    }
}
