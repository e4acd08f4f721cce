import AMQPWire
import Faults
import NIOCore
import SeededSupport
import Testing

@testable import AMQPProxy

// What peers of AMQP 0-9-1 send.
extension FuzzTarget {
    static let wire = [frames, table, session]

    /// Frames in any pieces; what was read is written and read again.
    private static let frames = FuzzTarget("frames") { input, random in
        var decoder = FrameDecoder(frameMax: 8_192)
        do throws(WireError) {
            for piece in input.pieces(&random) {
                decoder.append(ByteBuffer(bytes: piece))
                while true {
                    if decoder.nextFastPath() != nil { continue }
                    if try decoder.nextPart() != nil { continue }
                    guard let frame = try decoder.next() else { break }
                    check(frame)
                }
            }
            #expect(decoder.bufferedBytes <= 8_192 + input.count.nextPowerOf2())
        } catch {
            #expect(!error.description.isEmpty)
        }
        var whole = FrameDecoder(frameMax: 0)
        whole.append(ByteBuffer(bytes: input))
        while let frame = try? whole.next() { check(frame) }
    }

    private static func check(_ frame: RawFrame) {
        switch frame.type {
        case .method:
            guard let method = try? Method(payload: frame.payload), let first = written(method),
                let again = read(first)
            else { return }
            #expect(written(again) == first, "\(method.name)")
        case .header:
            guard let header = try? ContentHeader(payload: frame.payload) else { return }
            var bytes = ByteBuffer()
            let publish = Method.basicPublish(BasicPublish())
            guard
                (try? bytes.writeContent(
                    channel: 1, publish, properties: header.properties, body: ByteBuffer(), frameMax: 0)) != nil
            else { return }
            var decoder = FrameDecoder(frameMax: 0)
            decoder.append(bytes)
            _ = try? decoder.next()
            let payload = (try? decoder.next())?.payload
            #expect(payload.flatMap { try? ContentHeader(payload: $0) } != nil)
        case .body, .heartbeat: break
        }
    }

    private static func written(_ method: Method) -> ByteBuffer? {
        var bytes = ByteBuffer()
        return (try? bytes.writeFrame(channel: 1, method)) == nil ? nil : bytes
    }

    private static func read(_ bytes: ByteBuffer) -> Method? {
        var decoder = FrameDecoder(frameMax: 0)
        decoder.append(bytes)
        return (try? decoder.next()).flatMap { try? Method(payload: $0.payload) }
    }

    /// A table's inside, which is written and read again.
    private static let table = FuzzTarget("table") { input, _ in
        guard let table = try? FieldTable(entries: input) else { return }
        _ = table.description
        let method = Method.connectionStart(ConnectionStart(serverProperties: table))
        guard let first = written(method), let again = read(first) else { return }
        #expect(written(again) == first)
    }

    /// A client and a broker that say anything through the proxy: what passes is a part of what came, in its order.
    private static let session = FuzzTarget("session") { input, random in
        var machine = SessionMachine()
        var passed = (toBroker: [UInt8](), toClient: [UInt8]())
        var came = (fromClient: [UInt8](), fromBroker: [UInt8]())
        for piece in input.pieces(&random) {
            let side: Side = Int.random(in: 0..<4, using: &random) == 0 ? .broker : .client
            if side == .client { came.fromClient += piece } else { came.fromBroker += piece }
            var output = SessionMachine.Output()
            machine.received(ByteBuffer(bytes: piece), from: side, now: .uptimeNanoseconds(1), &output)
            for bytes in output.toBroker { passed.toBroker += bytes.readableBytesView }
            for bytes in output.toClient { passed.toClient += bytes.readableBytesView }
        }
        #expect(came.fromClient.starts(with: passed.toBroker))
        #expect(came.fromBroker.starts(with: passed.toClient))
        _ = machine.channelReports
    }
}

extension Int {
    fileprivate func nextPowerOf2() -> Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
