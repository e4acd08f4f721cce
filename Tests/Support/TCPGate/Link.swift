import Glibc
import NIOCore
import NIOPosix

/// One connection through the gate, on one event loop.
final class Link {
    private struct Lane {
        var flow: TCPGate.Flow
        /// Read and not passed on yet.
        var held = CircularBuffer<ByteBuffer>()
        /// How many more bytes pass before the cut.
        var budget: Int?
        var ending = TCPGate.Ending.reset
        /// The sender's socket has ended: in order or with a reset.
        var end: End?
    }

    private enum End {
        case orderly
        case reset
    }

    let id: Int
    private let gate: TCPGate
    private let client: any Channel
    private var server: (any Channel)?
    private var toServer: Lane
    private var toClient: Lane

    init(id: Int, gate: TCPGate, client: any Channel, flows: [TCPGate.Direction: TCPGate.Flow]) {
        self.id = id
        self.gate = gate
        self.client = client
        toServer = Lane(flow: flows[.toServer] ?? .pass)
        toClient = Lane(flow: flows[.toClient] ?? .pass)
    }

    // MARK: Events of the sockets

    /// The client's socket is there.
    func accepted(_ admission: TCPGate.Admission) {
        switch admission {
        case .close: close(client)
        case .reset: reset(client)
        case .silence: break
        case .forward: connect()
        case .cut(let direction, let count, let ending):
            cut(direction, afterBytes: count, ending)
            connect()
        }
    }

    private func connect() {
        let link = NIOLoopBound(self, eventLoop: client.eventLoop)
        ClientBootstrap(group: client.eventLoop)
            .channelOption(.autoRead, value: false)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(GateHandler(link.value, side: .server))
                }
            }
            .connect(host: gate.server.host, port: gate.server.port)
            .whenComplete { result in
                switch result {
                case .success(let server): link.value.connected(server)
                case .failure: link.value.close(link.value.client)
                }
            }
    }

    private func connected(_ server: any Channel) {
        self.server = server
        gate.count { $0.forwarded += 1 }
        pump(.toServer)
        pump(.toClient)
    }

    func received(_ bytes: ByteBuffer, from side: TCPGate.Side) {
        self[Self.direction(from: side)].held.append(bytes)
        pump(Self.direction(from: side))
    }

    func readCompleted(_ side: TCPGate.Side) {
        readMore(Self.direction(from: side))
    }

    /// A socket has room again, or has no more.
    func writabilityChanged(_ side: TCPGate.Side) {
        readMore(side == .client ? .toClient : .toServer)
    }

    func wasReset(_ side: TCPGate.Side) {
        self[Self.direction(from: side)].end = .reset
    }

    func ended(_ side: TCPGate.Side) {
        let direction = Self.direction(from: side)
        if self[direction].end == nil { self[direction].end = .orderly }
        let other: (any Channel)? = side == .client ? server : client
        if other?.isActive != true {
            gate.ended(id)
        } else {
            pump(direction)
        }
    }

    // MARK: Commands

    func setFlow(_ direction: TCPGate.Direction, _ flow: TCPGate.Flow) {
        self[direction].flow = flow
        if flow == .pass { self[direction].budget = nil }
        pump(direction)
    }

    func cut(_ direction: TCPGate.Direction, afterBytes count: Int, _ ending: TCPGate.Ending) {
        self[direction].budget = max(0, count)
        self[direction].ending = ending
        if count <= 0 { reachedCut(direction) } else { pump(direction) }
    }

    func end(_ sides: Set<TCPGate.Side>, resetting: Bool) {
        // The end of one socket is not to be passed on to the other: that one lives, or has an end of its own.
        toServer.flow = .hold
        toClient.flow = .hold
        let sockets = [sides.contains(.client) ? client : nil, sides.contains(.server) ? server : nil]
        for socket in sockets.compactMap(\.self) {
            if resetting { reset(socket) } else { close(socket) }
        }
    }

    func endHalf() {
        if !client.isActive, let server { reset(server) }
        if server?.isActive == false { reset(client) }
    }

    // MARK: Passing on

    private static func direction(from side: TCPGate.Side) -> TCPGate.Direction {
        side == .client ? .toServer : .toClient
    }

    private subscript(direction: TCPGate.Direction) -> Lane {
        get { direction == .toServer ? toServer : toClient }
        _modify {
            switch direction {
            case .toServer: yield &toServer
            case .toClient: yield &toClient
            }
        }
    }

    private func source(_ direction: TCPGate.Direction) -> (any Channel)? {
        direction == .toServer ? client : server
    }

    private func destination(_ direction: TCPGate.Direction) -> (any Channel)? {
        direction == .toServer ? server : client
    }

    /// Passes on what may pass, and asks for more.
    private func pump(_ direction: TCPGate.Direction) {
        guard let destination = destination(direction) else { return }
        var passed = 0
        var lost = 0
        var isCut = false
        while self[direction].flow != .hold, !isCut, var bytes = self[direction].held.popFirst() {
            if self[direction].flow == .lose {
                lost += bytes.readableBytes
                continue
            }
            if let budget = self[direction].budget {
                let part = bytes.readSlice(length: min(budget, bytes.readableBytes)) ?? ByteBuffer()
                if bytes.readableBytes > 0 { self[direction].held.prepend(bytes) }
                bytes = part
                self[direction].budget = budget - part.readableBytes
                isCut = budget == part.readableBytes
            }
            passed += bytes.readableBytes
            destination.write(bytes, promise: nil)
        }
        if passed > 0 { destination.flush() }
        if passed + lost > 0 {
            gate.count {
                $0.bytesLost += UInt64(lost)
                switch direction {
                case .toServer: $0.bytesToServer += UInt64(passed)
                case .toClient: $0.bytesToClient += UInt64(passed)
                }
            }
        }
        if isCut { reachedCut(direction) } else { passEnd(direction) }
        readMore(direction)
    }

    /// The end of one socket becomes the other's, behind all that was sent.
    private func passEnd(_ direction: TCPGate.Direction) {
        let lane = self[direction]
        guard lane.flow == .pass, lane.held.isEmpty, let end = lane.end, let destination = destination(direction)
        else { return }
        whenWritten(destination) { link in
            switch end {
            case .orderly: link.close(destination)
            case .reset: link.reset(destination)
            }
        }
    }

    private func reachedCut(_ direction: TCPGate.Direction) {
        let ending = self[direction].ending
        self[direction].budget = nil
        self[direction].flow = .hold
        guard ending != .hold else { return gate.count { $0.cut += 1 } }
        whenWritten(destination(direction) ?? client) { link in
            link.end([.client, .server], resetting: ending == .reset)
            link.gate.count { $0.cut += 1 }
        }
    }

    private func readMore(_ direction: TCPGate.Direction) {
        let lane = self[direction]
        guard lane.flow != .hold, lane.held.isEmpty, lane.end == nil else { return }
        // Where bytes are thrown away nobody needs room for them.
        guard lane.flow == .lose || destination(direction)?.isWritable == true else { return }
        source(direction)?.read()
    }

    private func whenWritten(_ socket: any Channel, _ body: @escaping @Sendable (Link) -> Void) {
        let link = NIOLoopBound(self, eventLoop: client.eventLoop)
        socket.writeAndFlush(ByteBuffer()).whenComplete { _ in body(link.value) }
    }

    private func close(_ socket: any Channel) {
        socket.close(promise: nil)
    }

    /// Closing with SO_LINGER of 0 sends RST.
    private func reset(_ socket: any Channel) {
        if let options = socket as? any SocketOptionProvider {
            _ = options.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        socket.close(promise: nil)
    }
}

/// Tells a link what happens to one of its sockets.
final class GateHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: Link
    private let side: TCPGate.Side
    private let admission: TCPGate.Admission?

    init(_ link: Link, side: TCPGate.Side, admission: TCPGate.Admission? = nil) {
        self.link = link
        self.side = side
        self.admission = admission
    }

    func channelActive(context: ChannelHandlerContext) {
        if let admission { link.accepted(admission) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        link.received(unwrapInboundIn(data), from: side)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        link.readCompleted(side)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        link.writabilityChanged(side)
    }

    func channelInactive(context: ChannelHandlerContext) {
        link.ended(side)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if (error as? IOError)?.errnoCode == ECONNRESET { link.wasReset(side) }
        context.close(promise: nil)
    }
}
