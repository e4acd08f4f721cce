import NIOCore
import SeededSupport
import Testing

@testable import AMQPWire

/// Whatever a peer sends ends in a value or in a `WireError`.
@Suite struct HostileBytesTests {
    @Test(arguments: Fixture.of(.method) + Fixture.of(.header))
    func everyCutAndManyFlipsOfEveryFixture(_ fixture: Fixture) throws {
        let payload = try #require(fixture.bytes.getSlice(at: 7, length: fixture.bytes.readableBytes - 8))
        let type: FrameType = fixture.kind == .method ? .method : .header
        for length in 0..<payload.readableBytes {
            let cut = try #require(payload.getSlice(at: payload.readerIndex, length: length))
            #expect(throws: WireError.self) { try RawFrame(type: type, channel: 1, payload: cut).parsed() }
        }
        var random = SeededRandom(seed: UInt64(fixture.bytes.readableBytes))
        for _ in 0..<300 {
            var bytes = Array(payload.readableBytesView)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                guard let index = bytes.indices.randomElement(using: &random) else { break }
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            Self.survives(RawFrame(type: type, channel: 1, payload: ByteBuffer(bytes: bytes)))
        }
    }

    @Test func randomStreams() {
        var random = SeededRandom(seed: 42)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...80, using: &random)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            // Half of them begin like a frame, so that the payload is reached.
            if Bool.random(using: &random), count > 8 {
                bytes.replaceSubrange(
                    0..<7, with: [[1, 2, 3, 8].randomElement(using: &random) ?? 1, 0, 1, 0, 0, 0, UInt8(count - 8)])
                bytes[count - 1] = 0xCE
            }
            var decoder = FrameDecoder(frameMax: UInt32.random(in: 0...200, using: &random))
            decoder.append(ByteBuffer(bytes: bytes))
            do {
                while let frame = try decoder.next() { Self.survives(frame) }
            } catch {
                _ = error.description
            }
        }
    }

    @Test func randomMethods() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<500 {
            for id in MethodID.all {
                var payload = ByteBuffer()
                payload.writeMultipleIntegers(id.classID, id.methodID)
                payload.writeBytes(
                    (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
                Self.survives(RawFrame(type: .method, channel: 1, payload: payload))
            }
        }
    }

    /// What can be read can be written, and reads the same again.
    private static func survives(_ raw: RawFrame) {
        do throws(WireError) {
            let frame = try raw.parsed()
            var written = ByteBuffer()
            switch frame {
            case .method(let channel, let method): try written.writeFrame(channel: channel, method)
            case .header(let channel, let header): try written.writeFrame(channel: channel, header)
            case .body(let channel, let body):
                written.writeFrame(type: 3, channel: channel, payload: body)
            case .heartbeat: written.writeHeartbeat()
            }
            #expect(written.readableBytes >= RawFrame.overhead)
        } catch {
            #expect(error.replyCode.rawValue >= 501)
        }
    }
}
