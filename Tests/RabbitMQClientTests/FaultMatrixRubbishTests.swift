import AMQPWire
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import SeededSupport
import Testing

@testable import RabbitMQClient

/// Row 25 of the fault matrix: a peer that sends rubbish. Each single misdeed with the code that answers it is in
/// `MisbehavingPeerTests`; here is everything else that a peer could think of.
@Suite struct FaultMatrixRubbishTests {
    /// What a broker sends to a client that consumes: answers, a delivery in three frames, a confirm, a heartbeat.
    private static let goodStream: ByteBuffer = {
        var stream = ByteBuffer.frame(1, .basicConsumeOk(BasicConsumeOk(consumerTag: "c")))
        try? stream.writeContent(
            channel: 1,
            .basicDeliver(BasicDeliver(consumerTag: "c", deliveryTag: 1, exchange: "x", routingKey: "k")),
            properties: BasicProperties(
                contentType: "text/plain", headers: ["a": 1, "list": [1, "two", ["three": 3.5]], "flag": true],
                messageID: "m"),
            body: ByteBuffer(repeating: 7, count: 600), frameMax: 8192)
        stream.writeImmutableBuffer(.frame(1, .basicAck(BasicAck(deliveryTag: 1, multiple: true))))
        stream.writeImmutableBuffer(
            .frame(1, .queueDeclareOk(QueueDeclareOk(queue: "q", messageCount: 1, consumerCount: 2))))
        stream.writeHeartbeat()
        stream.writeImmutableBuffer(.frame(0, .connectionBlocked(ConnectionBlocked(reason: "low on memory"))))
        return stream
    }()

    /// A copy with a few bytes changed, inserted or taken out.
    private static func mutated(_ stream: ByteBuffer, _ random: inout some RandomNumberGenerator) -> ByteBuffer {
        var bytes = Array(stream.readableBytesView)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
            case 2: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: index)
            case 3: bytes.remove(at: index)
            default:
                // Lengths live in four bytes.
                for offset in 0..<min(4, bytes.count - index) { bytes[index + offset] = 0xFF }
            }
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
        }
        return ByteBuffer(bytes: bytes)
    }

    /// Damaged streams, many at a time: every one leaves the connection open or closed with a reason, every call ends, and
    /// nothing crashes.
    @Test func row25NoDamagedStreamHangsOrCrashesTheClient() async throws {
        // Rounds at a peer are one after the other, as each waits for its deadlines; the peers' are side by side.
        let codes = try await withThrowingTaskGroup(of: [UInt16].self) { group in
            for seed in 1...12 { group.addTask { try await Self.endings(rounds: 12, seed: UInt64(seed)) } }
            return try await group.reduce(into: Set<UInt16>()) { $0.formUnion($1) }
        }
        // Both happen: streams that were hurt, and streams that went by.
        #expect(!codes.isDisjoint(with: [501, 502, 503, 504, 505, 540]))
        #expect(codes.contains(200))
    }

    /// With which codes connections end whose broker sends a damaged stream.
    private static func endings(rounds: Int, seed: UInt64) async throws -> [UInt16] {
        let stream = NIOLockedValueBox(ByteBuffer())
        let script: ScriptedPeer.Script = { channel, method in
            switch method {
            case .basicQos: .method(channel, .basicQosOk)
            case .queueDeclare: .bytes(stream.withLockedValue { $0 })
            default: nil
            }
        }
        return try await ScriptedPeer.with(script: script) { peer in
            var random = SeededRandom(seed: seed)
            var codes: [UInt16] = []
            for round in 1...rounds {
                let damaged = mutated(goodStream, &random)
                stream.withLockedValue { $0 = damaged }
                let connection = try await peer.connect {
                    $0.operationTimeout = .seconds(1)
                    $0.recovery = .off
                }
                let channel = try await connection.openChannel()
                async let consuming = clientError {
                    for try await delivery in try await channel.consume("q", tag: "c") {
                        _ = delivery.body.readableBytes
                        break
                    }
                }
                // The answers come in the order of the questions.
                #expect(
                    await eventually {
                        peer.methods.count { if case .basicConsume = $0 { true } else { false } } == round
                    })
                let asked = await clientError { _ = try await channel.declareQueue("q") }
                let allowed: [ClientError.Code?] = [
                    nil, .timeout, .connectionClosed, .refused, .noAnswer, .channelClosed,
                ]
                #expect(allowed.contains(asked?.code), "\(String(describing: asked)) after \(damaged)")
                await connection.close(timeout: .milliseconds(100))
                _ = await consuming
                codes.append(await connection.closed().code)
                #expect(channel.report.inFlight == 0)
            }
            return codes
        }
    }

    @Test(arguments: 1...4)
    func row25RubbishInsteadOfAHandshakeIsATypedError(seed: Int) async throws {
        var random = SeededRandom(seed: seed)
        var greetings: [ByteBuffer] = []
        let start = ByteBuffer.frame(
            0,
            .connectionStart(
                ConnectionStart(
                    serverProperties: ["product": "RabbitMQ", "capabilities": ["a": true]], mechanisms: "PLAIN")))
        for _ in 0..<25 { greetings.append(Self.mutated(start, &random)) }
        for _ in 0..<5 {
            greetings.append(ByteBuffer(bytes: (0..<200).map { _ in UInt8.random(in: .min ... .max, using: &random) }))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for greeting in greetings {
                group.addTask {
                    try await ScriptedPeer.with(greeting: .bytes(greeting)) { peer in
                        let error = await clientError {
                            let connection = try await peer.connect {
                                $0.connectTimeout = .milliseconds(500)
                                $0.recovery = .off
                            }
                            // What was damaged did not matter.
                            await connection.close()
                        }
                        let allowed: [ClientError.Code?] = [
                            nil, .protocolMismatch, .handshakeTimeout, .closedDuringHandshake, .mechanismNotOffered,
                            .handshakeRefused,
                        ]
                        #expect(allowed.contains(error?.code), "\(String(describing: error)) after \(greeting)")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// The peer is not to be followed further, but the application's work goes on with the next connection.
    @Test func row25AfterRubbishTheConnectionComesBack() async throws {
        let isSane = NIOLockedValueBox(false)
        let script: ScriptedPeer.Script = { channel, method in
            guard case .queueDeclare = method else { return nil }
            if isSane.withLockedValue({ $0 }) { return .method(channel, .queueDeclareOk(QueueDeclareOk(queue: "q"))) }
            isSane.withLockedValue { $0 = true }
            return .bytes(.frame(type: 1, channel: 1, payload: "0032000b", end: 0))
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect {
                $0.recovery = RecoveryPolicy(base: .milliseconds(5), cap: .milliseconds(50))
            }
            let channel = try await connection.openChannel()
            let error = await clientError { _ = try await channel.declareQueue("q") }
            #expect(error?.code == .connectionClosed)
            #expect(error?.closeReason?.code == 501 && error?.closeReason?.initiator == .local)
            #expect(try await channel.declareQueue("q").name == "q")
            #expect(connection.recoveries == 1)
            #expect(peer.closeCode == 501)
            await connection.close()
        }
    }
}
