import AMQPWire
import Faults
import NIOCore

// Applies the server's faults to one session.
extension ProxySession {
    func meets(_ aim: FaultAim) -> Bool { aim.meets(machine.identity, names: names) }

    /// Updates the session's faults, after those in force or the identity of the client changed.
    func applyFaults() {
        let mine = server.faults.filter { meets($0.aim) }
        let known = machine.faults
        machine.faults = mine.filter(\.kind.isInFrames).map { fault in
            known.first { $0.fault === fault } ?? begin(fault)
        }
        machine.needsNames = machine.faults.contains { $0.fault.aim.asksForNames }
        let gone = known.map(\.fault).filter { old in !machine.faults.contains { $0.fault === old } }
        shape(mine)
        block(mine.first { if case .block = $0.kind { true } else { false } })
        guard !gone.isEmpty else { return }
        // What a fault holds stays held if the fault ended by reaching its number of hits.
        machine.release(of: Set(gone.filter { !$0.isSpent }.map(\.label)))
        for number in machine.channels.keys { machine.channels[number]?.saysAgain() }
        var output = SessionMachine.Output()
        machine.resumeBoth(&output)
        machine.release(now: .now(), &output)
        perform(output)
        flushBoth()
        passHeldEnd()
        readMore(.client)
        readMore(.broker)
    }

    /// A black hole without a condition begins immediately, even if no frame is received.
    private func begin(_ fault: ProxyFault) -> SessionFault {
        guard case .blackHole = fault.kind, !fault.waits else { return SessionFault(fault: fault) }
        struck(fault)
        return SessionFault(fault: fault, hasStruck: true)
    }

    func flushBoth() {
        client.flush()
        broker?.flush()
    }

    /// Returns the fault that caused an event: one that recently took effect, or that is still in force.
    func cause(of event: SessionEvent) -> String? {
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
        case .blocked: return blockedBy?.label
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

    /// Which faults can cause the end of a connection or channel, or the return of a message.
    private static let deadly: [FaultDescription.Scope: Set<FaultName>] = [
        .message: [.returnMessage],
        .channel: [.closeChannel, .duplicate, .delay, .refuseChannels],
        .connection: [
            .closeConnection, .resetConnection, .halfOpen, .blackHole, .cutFrame, .corruptFrame,
            .truncateFrame, .interleaveFrames, .swallowHeartbeats, .closeChannel,
        ],
    ]

    private func recentCause(_ scope: FaultDescription.Scope) -> String? {
        guard let lastStrike, let name = FaultName(label: lastStrike.fault),
            Self.deadly[scope]?.contains(name) == true
        else { return nil }
        if NIODeadline.now() - lastStrike.at < .seconds(5) { return lastStrike.fault }
        return server.faults.contains { $0.label == lastStrike.fault } ? lastStrike.fault : nil
    }

    private func struck(_ fault: ProxyFault) {
        _ = fault.strikes()
        for number in machine.channels.keys { machine.channels[number]?.saysAgain() }
        tell(.struck(fault.label, channel: nil))
    }

    // MARK: Lines

    private func shape(_ faults: [ProxyFault]) {
        var limits: (client: [TrafficShaper.Limits], broker: [TrafficShaper.Limits]) = ([], [])
        var seed: UInt64 = 0
        for fault in faults {
            guard case .line(let sources, let limit) = fault.kind else { continue }
            if sources.contains(.broker) { limits.client.append(limit) }
            if sources.contains(.client) { limits.broker.append(limit) }
            seed = fault.seed
            if !shapedBy.contains(ObjectIdentifier(fault)) { struck(fault) }
        }
        shapedBy = Set(faults.filter { if case .line = $0.kind { true } else { false } }.map { ObjectIdentifier($0) })
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
        var output = SessionMachine.Output()
        machine.release(now: now, &output)
        perform(output)
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
        guard machine.isOpen, fault !== blockedBy else { return }
        let wasBlocked = blockedBy != nil
        blockedBy = fault
        heartbeats?.cancel()
        heartbeats = nil
        var output = SessionMachine.Output()
        if case .block(let reason, let holds)? = fault?.kind, let fault {
            struck(fault)
            machine.tellBlocked(reason: reason, &output)
            tell(.blocked(reason: reason))
            if holds { keepAlive() }
        } else if wasBlocked {
            machine.tellBlocked(reason: nil, &output)
            tell(.unblocked)
        }
        perform(output)
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
    func cancelConsumers(_ aim: FaultAim, towardsBroker: Bool, label: String) -> Int {
        var count = 0
        for number in channels(aim) {
            for tag in machine.cancelConsumers(of: number, aim, towardsBroker: towardsBroker) {
                count += 1
                let queue = tag.queue
                tell(.consumerCut(number, tag: tag.tag, queue: queue, fault: label))
            }
        }
        var output = SessionMachine.Output()
        machine.release(now: .now(), &output)
        perform(output)
        flushBoth()
        return count
    }
}

extension ProxyFault.Kind {
    /// Whether it works on frames.
    var isInFrames: Bool {
        switch self {
        case .line, .refuseConnections: false
        case .block(_, let holds): holds
        default: true
        }
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
