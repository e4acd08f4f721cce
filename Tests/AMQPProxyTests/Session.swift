import AMQPWire
import Faults
import NIOCore
import Names

@testable import AMQPProxy

/// A machine with what came out of it.
final class Session {
    /// What several sessions share.
    final class Shared {
        var counters = FaultCounters()
        var lastFault: ProxyFault.ID = 0
    }

    let shared: Shared
    var machine = SessionMachine()
    var toClient = ByteBuffer()
    var toBroker = ByteBuffer()
    var events: [SessionEvent] = []
    var ends: Set<Side> = []
    var resets: Set<Side> = []
    var now = NIODeadline.uptimeNanoseconds(1_000)

    init(sharing shared: Shared = Shared()) { self.shared = shared }

    func receive(_ bytes: ByteBuffer, from side: Side) {
        step { machine, output in machine.received(bytes, from: side, now: now, &output) }
    }

    func step(_ body: (inout SessionMachine, inout SessionMachine.Output) -> Void) {
        let ((), output) = machine.step(sharing: &shared.counters, body)
        for bytes in output.toClient { toClient.writeImmutableBuffer(bytes) }
        for bytes in output.toBroker { toBroker.writeImmutableBuffer(bytes) }
        events += output.events
        ends.formUnion(output.ends)
        resets.formUnion(output.resets)
    }

    func close(_ channel: UInt16, _ request: ChannelCloseRequest) -> Bool {
        var isThere = false
        step { machine, output in isThere = machine.closeChannel(channel, request, &output) }
        return isThere
    }

    func closeConnection(_ code: UInt16, _ text: String) {
        step { machine, output in machine.closeConnection(code: code, text: text, &output) }
    }

    func takeToClient() -> ByteBuffer {
        defer { toClient = ByteBuffer() }
        return toClient
    }

    func takeToBroker() -> ByteBuffer {
        defer { toBroker = ByteBuffer() }
        return toBroker
    }

    func open() {
        receive(Self.header, from: .client)
        receive(.frame(0, .connectionStart(ConnectionStart())), from: .broker)
        receive(Self.login, from: .client)
        receive(
            .frame(0, .connectionTune(ConnectionTune(channelMax: 100, frameMax: 0, heartbeat: 60))), from: .broker)
        receive(
            .frame(0, .connectionTuneOk(ConnectionTuneOk(channelMax: 100, frameMax: 0, heartbeat: 30)))
                + .frame(0, .connectionOpen(ConnectionOpen(virtualHost: "shop"))), from: .client)
        receive(.frame(0, .connectionOpenOk), from: .broker)
        _ = (takeToClient(), takeToBroker())
    }

    func openChannel() {
        open()
        receive(.frame(1, .channelOpen), from: .client)
        receive(.frame(1, .channelOpenOk), from: .broker)
        _ = (takeToClient(), takeToBroker())
    }

    static var header: ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeProtocolHeader()
        return bytes
    }

    static let login = ByteBuffer.frame(
        0,
        .connectionStartOk(
            ConnectionStartOk(
                clientProperties: ["product": "pika", "connection_name": "orders"], mechanism: "PLAIN",
                response: [0] + Array("guest".utf8) + [0] + Array("guest".utf8))))
}

extension ByteBuffer {
    static func frame(_ channel: UInt16, _ method: Method) -> ByteBuffer {
        var bytes = ByteBuffer()
        try? bytes.writeFrame(channel: channel, method)
        return bytes
    }

    static func content(_ channel: UInt16, _ method: Method, _ body: String) -> ByteBuffer {
        var bytes = ByteBuffer()
        try? bytes.writeContent(
            channel: channel, method, properties: BasicProperties(), body: ByteBuffer(string: body), frameMax: 0)
        return bytes
    }

    static func publish(_ channel: UInt16, _ body: String) -> ByteBuffer {
        content(channel, .basicPublish(BasicPublish(exchange: "", routingKey: "q")), body)
    }

    static func deliver(_ channel: UInt16, _ tag: Name, _ number: UInt64, _ body: String = "x")
        -> ByteBuffer
    {
        content(channel, .basicDeliver(BasicDeliver(consumerTag: tag, deliveryTag: number)), body)
    }

    static func + (a: ByteBuffer, b: ByteBuffer) -> ByteBuffer {
        var sum = a
        sum.writeImmutableBuffer(b)
        return sum
    }
}
