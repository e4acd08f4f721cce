import AMQPWire
import Faults
import NIOCore
import NIOPosix
import NIOSSL
import Names

/// The two sockets of a session, on one event loop, and the session machine between them.
final class ProxySession {
    let id: UInt64
    let server: ProxyServer
    let client: any Channel
    private(set) var broker: (any Channel)?
    var machine = SessionMachine()
    private let since: Double
    private let peer: String
    private var bytesFromClient: UInt64 = 0
    private var bytesFromBroker: UInt64 = 0
    /// The sides whose socket has ended, in order.
    private var endedSides: [Side] = []
    private var wasResetBy: Side?
    var isClosedByProxy = false
    private(set) var isAccepted = false
    private var connectionName: String?
    private var offlineResponder: OfflineResponder?
    /// Shapes the bytes written to the client.
    var shaperToClient = TrafficShaper()
    var shaperToBroker = TrafficShaper()
    /// The faults that the traffic shapers were set from.
    var shapedBy: Set<ProxyFault.ID> = []
    var alarm: Scheduled<Void>?
    /// The fault that took effect last in this session, and when.
    var lastStrike: (fault: FaultCause, at: NIODeadline)?
    /// The fault that keeps the client blocked.
    var blockedBy: ProxyFault?
    var heartbeats: RepeatedTask?
    /// The side whose socket stays open although the other's is closed.
    var leftOpen: Side?

    init(id: UInt64, server: ProxyServer, client: any Channel) {
        self.id = id
        self.server = server
        self.client = client
        since = ProxyServer.wallClock()
        peer = client.remoteAddress?.place ?? ""
    }

    var eventLoop: any EventLoop { client.eventLoop }

    /// The names by which a selector can match the session.
    var names: [Name] {
        [Name(connectionName), machine.identity.clientName, Name(peer)].compactMap(\.self)
    }

    func tell(_ event: SessionEvent) {
        server.tell(
            ProxyEvent(
                at: ProxyServer.wallClock(), session: id, peer: peer, connection: connectionName,
                identity: machine.identity, event: event, fault: cause(of: event)?.label))
    }

    // MARK: Events of the sockets

    /// Handles the accepted client socket; it is not read before the broker is connected, too.
    func accepted() {
        isAccepted = true
        switch server.wayToRefuse() {
        case .reset?: return reset(client)
        case .close?:
            offlineResponder = OfflineResponder(text: "refused by a fault")
            closeHard(in: .seconds(5))
            return client.read()
        case nil: break
        }
        let session = NIOLoopBound(self, eventLoop: eventLoop)
        let configuration = server.configuration
        ClientBootstrap(group: eventLoop)
            .channelOption(.autoRead, value: false)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: ProxyServer.waterMark)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls = configuration.upstreamTLS {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: configuration.upstream.host.asServerName))
                    }
                    try channel.pipeline.syncOperations.addHandler(RelayHandler(session.value, side: .broker))
                }
            }
            .connect(host: configuration.upstream.host, port: configuration.upstream.port)
            .whenComplete { result in
                switch result {
                case .success(let broker): session.value.connected(broker)
                case .failure(let error): session.value.isAway(error)
                }
            }
    }

    private func connected(_ broker: any Channel) {
        self.broker = broker
        if let local = broker.localAddress, let remote = broker.remoteAddress {
            connectionName = "\(local.place) -> \(remote.place)"
        }
        guard client.isActive else { return broker.close(promise: nil) }
        applyFaults()
        client.read()
        broker.read()
    }

    /// Handles an error of a socket. An error of the broker's socket before its first byte, such as a failed TLS
    /// handshake, counts as a failed connection.
    func failed(_ error: any Error, _ side: Side) {
        guard side == .broker, bytesFromBroker == 0, offlineResponder == nil, client.isActive else { return }
        isAway(error)
    }

    private func isAway(_ error: any Error) {
        tell(.upstreamAway(ProxyServer.words(error)))
        server.upstreamIsAway()
        guard server.configuration.whenAway == .close, client.isActive else { return reset(client) }
        offlineResponder = OfflineResponder(text: "the broker behind the proxy is away")
        closeHard(in: .seconds(5))
        client.read()
    }

    func received(_ bytes: ByteBuffer, from side: Side) {
        if side == .client {
            bytesFromClient += UInt64(bytes.readableBytes)
        } else {
            bytesFromBroker += UInt64(bytes.readableBytes)
        }
        if side == .client, offlineResponder != nil { return receive(bytes) }
        if leftOpen != nil { return }
        step { machine, output in machine.received(bytes, from: side, now: .now(), &output) }
    }

    /// Gives the machine an input, and carries out what comes of it.
    ///
    /// - Parameter shares: Whether the input can depend on what all sessions share; then it is under the server's lock.
    @discardableResult func step<Value>(
        shares: Bool = false, _ input: (inout SessionMachine, inout SessionMachine.Output) -> Value
    ) -> Value {
        if shares || machine.sharesCounters {
            let (value, output) = server.step(&machine, input)
            perform(output)
            return value
        }
        var output = SessionMachine.Output()
        let value = input(&machine, &output)
        perform(output)
        return value
    }

    /// Handles bytes of a client that is connected to the proxy only.
    private func receive(_ bytes: ByteBuffer) {
        guard let (answer, ends) = offlineResponder?.received(bytes) else { return }
        client.writeAndFlush(answer, promise: nil)
        if ends { close(client) }
    }

    private func perform(_ output: SessionMachine.Output) {
        for bytes in output.toClient { write(bytes, to: .client) }
        for bytes in output.toBroker { write(bytes, to: .broker) }
        if let greeting = output.greeting, server.isForbidden(afterGreetingOf: greeting.cluster) { applyFaults() }
        for event in output.events { tell(event) }
        for (number, count) in output.redelivered { tell(.redelivered(number, count)) }
        if output.isOpened { applyFaults() }
        if machine.nextDue != nil { setAlarm() }
        if !output.resets.isEmpty { resetSoon(output.resets) }
        guard !output.ends.isEmpty else { return }
        isClosedByProxy = true
        for side in output.ends { end(side) }
    }

    func readCompleted(_ side: Side) {
        socket(side.other)?.flush()
        // Sends what the proxy itself added.
        socket(side)?.flush()
        readMore(.client)
        readMore(.broker)
    }

    func writabilityChanged(_ side: Side) { readMore(side.other) }

    func readMore(_ side: Side) {
        if side == .client, offlineResponder != nil { return client.read() }
        if leftOpen == side { socket(side)?.read() }
        guard !machine.isStalled(side), hasRoom(for: side), let other = socket(side.other),
            other.isWritable || !other.isActive
        else {
            return
        }
        socket(side)?.read()
    }

    func wasReset(_ side: Side) { wasResetBy = side }

    func ended(_ side: Side) {
        endedSides.append(side)
        guard let other = socket(side.other), other.isActive else { return finish() }
        // The client continues with the proxy alone.
        if side == .broker, offlineResponder != nil { return }
        if leftOpen == side.other { return }
        // The other side still has to send its close-ok, or reaches a deadline.
        if case .closing(let awaited) = machine.phase, awaited.contains(side.other) { return }
        // A black hole hides what happens behind it.
        if machine.isSilenced(side) { return }
        pass(endOf: side, to: other)
    }

    private func pass(endOf side: Side, to other: any Channel) {
        if wasResetBy == side {
            reset(other)
        } else {
            end(side.other)
        }
    }

    /// Passes on an end that a black hole hid, after the black hole is undone.
    func passHeldEnd() {
        guard leftOpen == nil, endedSides.count == 1, let side = endedSides.first, !machine.isSilenced(side),
            let other = socket(side.other), other.isActive
        else { return }
        pass(endOf: side, to: other)
    }

    private func finish() {
        alarm?.cancel()
        heartbeats?.cancel()
        step { machine, _ in machine.dropHeld() }
        guard server.remove(id) else { return }
        tell(.ended(by: isClosedByProxy ? nil : endedSides.first))
    }

    // MARK: Commands

    func closeChannel(_ number: UInt16, _ request: ChannelCloseRequest) -> Bool {
        let isThere = step { machine, output in machine.closeChannel(number, request, &output) }
        flushBoth()
        return isThere
    }

    /// Sends a close to both sides; the sockets are closed when both have answered, or at the deadline.
    func closeConnection(code: UInt16, text: String, fault: FaultCause? = nil, within timeout: TimeAmount) {
        isClosedByProxy = true
        step { machine, output in machine.closeConnection(code: code, text: text, fault: fault, &output) }
        openLines()
        flushBoth()
        // A side must be read to receive its close-ok.
        client.read()
        broker?.read()
        closeHard(in: timeout)
    }

    private func closeHard(in time: TimeAmount) {
        let session = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: time) {
            session.value.closeNow(session.value.client)
            if let broker = session.value.broker { session.value.closeNow(broker) }
        }
    }

    // MARK: Sockets

    func socket(_ side: Side) -> (any Channel)? { side == .client ? client : broker }

    /// Closes a socket after everything that was written.
    func close(_ socket: any Channel) {
        socket.writeAndFlush(ByteBuffer()).whenComplete { _ in socket.close(promise: nil) }
    }

    /// Closing with SO_LINGER of 0 sends RST.
    func reset(_ socket: any Channel) {
        socket.resetOnClose()
        closeNow(socket)
    }

    /// Closes a socket without TLS's close_notify, because that waits for an answer and the peer may be silent.
    func closeNow(_ socket: any Channel) {
        if let context = try? socket.pipeline.syncOperations.context(handlerType: NIOSSLHandler.self) {
            context.close(promise: nil)
        } else {
            socket.close(promise: nil)
        }
    }

    // MARK: Report

    var report: SessionReport {
        var budget = ReportBudget.unlimited
        return report(after: 0, &budget)
    }

    /// Returns the session's report with its channels of larger numbers, as many as the budget allows.
    func report(after channel: UInt16, _ budget: inout ReportBudget) -> SessionReport {
        budget.paySession()
        let channels = machine.channelReports(after: channel, &budget)
        let all = machine.channels.keys.count { $0 > channel }
        return SessionReport(
            id: id, since: since, peer: peer, connection: connectionName,
            identity: machine.identity, state: machine.state, blockedReason: machine.blockedReason,
            bytesFromClient: bytesFromClient, bytesFromBroker: bytesFromBroker,
            framesFromClient: machine.frames(from: .client), framesFromBroker: machine.frames(from: .broker),
            channels: channels, channelsLeftOut: all - channels.count)
    }
}

extension Channel {
    /// Makes a later close send RST and discard unsent bytes.
    func resetOnClose() {
        if let options = self as? any SocketOptionProvider {
            _ = options.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
    }
}

extension SocketAddress {
    /// `address:port` in the broker's format; an IPv6 address is in brackets.
    var place: String {
        String(host: ipAddress ?? "", port: port ?? 0)
    }
}

extension String {
    /// The name that a certificate is verified against; nil for an IP address, which is not allowed as a server name
    /// (RFC 6066, section 3).
    var asServerName: String? {
        (try? SocketAddress(ipAddress: self, port: 0)) == nil ? self : nil
    }
}
