import AMQPWire
import NIOCore
import NIOPosix
import Testing

@testable import RabbitMQClient

/// Rows 5 and 6 of the fault matrix, as the peer sees them: what is proposed, and what 0 means.
@Suite struct FaultMatrixTuningTests {
    private static func tunes(_ channelMax: UInt16, _ frameMax: UInt32) -> ScriptedPeer.Script {
        { channel, method in
            switch method {
            case .connectionStartOk:
                .method(0, .connectionTune(ConnectionTune(channelMax: channelMax, frameMax: frameMax, heartbeat: 0)))
            case .confirmSelect: .method(channel, .confirmSelectOk)
            case .basicPublish: .method(channel, .basicAck(BasicAck(deliveryTag: 0, multiple: true)))
            default: nil
            }
        }
    }

    private static func answer(_ peer: ScriptedPeer) -> ConnectionTuneOk? {
        peer.methods.compactMap { if case .connectionTuneOk(let tuneOk) = $0 { tuneOk } else { nil } }.first
    }

    @Test(arguments: [1, 4096, 8191, 8192] as [UInt32], [0, 8192, 131_072] as [UInt32])
    func row05AFrameMaxUnder8192IsNeverProposed(wanted: UInt32, offered: UInt32) async throws {
        try await ScriptedPeer.with(script: Self.tunes(10, offered)) { peer in
            let connection = try await peer.connect {
                $0.frameMax = wanted
                $0.recovery = .off
            }
            #expect(Self.answer(peer)?.frameMax == 8192)
            #expect(connection.frameMax == 8192)
            await connection.close()
        }
    }

    @Test(
        arguments: [
            (0, 0, 0, 0), (0, 7, 0, 9000), (7, 0, 9000, 0), (5, 7, 9000, 10_000), (7, 5, 10_000, 9000),
        ] as [(UInt16, UInt16, UInt32, UInt32)])
    func row06ZeroIsUnlimitedAndYieldsToTheOtherSide(
        channels: UInt16, theirChannels: UInt16, frame: UInt32, theirFrame: UInt32
    ) async throws {
        try await ScriptedPeer.with(script: Self.tunes(theirChannels, theirFrame)) { peer in
            let connection = try await peer.connect {
                $0.channelMax = channels
                $0.frameMax = frame
                $0.recovery = .off
            }
            let expectedChannels: UInt16 = channels == 0 || theirChannels == 0 ? max(channels, theirChannels) : 5
            let expectedFrame: UInt32 = frame == 0 || theirFrame == 0 ? max(frame, theirFrame) : 9000
            #expect(Self.answer(peer)?.channelMax == expectedChannels)
            #expect(Self.answer(peer)?.frameMax == expectedFrame)
            #expect(connection.channelMax == expectedChannels && connection.frameMax == expectedFrame)

            // As many channels as that, and not one more.
            let allowed = expectedChannels == 0 ? 300 : Int(expectedChannels)
            for number in 1...allowed { #expect(try await connection.openChannel().number == number) }
            if expectedChannels > 0 {
                #expect(await clientError { _ = try await connection.openChannel() }?.code == .channelsExhausted)
            }
            await connection.close()
        }
    }

    @Test(arguments: [0, 20_000] as [UInt32])
    func row06ABodyIsCutToTheFramesAgreedOn(frameMax: UInt32) async throws {
        try await ScriptedPeer.with(script: Self.tunes(0, frameMax)) { peer in
            let connection = try await peer.connect {
                $0.channelMax = 0
                $0.frameMax = 0
                $0.recovery = .off
            }
            let channel = try await connection.openChannel()
            try await channel.confirmSelect()
            // A message without a body is a method and a header; with one, each further frame costs 8 bytes.
            let start = connection.report.bytesOut
            try await channel.publish(ByteBuffer(), routingKey: "k")
            let empty = connection.report.bytesOut - start
            try await channel.publish(ByteBuffer(repeating: 1, count: 500_000), routingKey: "k")
            let frames = frameMax == 0 ? 1 : (500_000 + Int(frameMax) - 9) / (Int(frameMax) - 8)
            #expect(connection.report.bytesOut - start == 2 * empty + 500_000 + 8 * UInt64(frames))
            await connection.close()
        }
    }
}
