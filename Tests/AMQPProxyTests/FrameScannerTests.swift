import AMQPWire
import NIOCore
import SeededSupport
import Testing

@testable import AMQPProxy

@Suite struct FrameScannerTests {
    @Test(arguments: 1...20) func whateverTheReadsAllFramesAreFoundAndNothingIsLost(seed: Int) {
        var random = SeededSupport.SeededRandom(seed: seed)
        var stream = ByteBuffer()
        var sizes: [Int] = []
        for _ in 0..<60 {
            let size =
                Int.random(in: 0...19, using: &random) == 0
                ? FrameScanner.largestKept + Int.random(in: -20...20_000, using: &random)
                : Int.random(in: 0...3_000, using: &random)
            sizes.append(size)
            stream.writeFrame(
                type: FrameType.body.rawValue, channel: UInt16(sizes.count),
                payload: ByteBuffer(repeating: 7, count: size))
        }
        let whole = stream
        var scanner = FrameScanner()
        var passed = ByteBuffer()
        var found: [Int] = []
        while stream.readableBytes > 0 {
            let length = min(stream.readableBytes, Int.random(in: 1...70_000, using: &random))
            guard let read = stream.readSlice(length: length) else { break }
            scanner.append(read)
            while let next = scanner.next() {
                switch next {
                case .frame(let frame), .large(let frame):
                    found.append(frame.size)
                    #expect(Int(frame.channel) == found.count)
                case .part: break
                case .rubbish: Issue.record("rubbish")
                }
            }
            if let run = scanner.take(upTo: scanner.cursor) { passed.writeImmutableBuffer(run) }
            #expect(scanner.pendingBytes <= FrameScanner.largestKept)
        }
        #expect(found == sizes)
        #expect(passed == whole)
    }

    @Test func aFrameThatDoesNotEndAsItShouldIsRubbish() {
        var scanner = FrameScanner()
        var bytes = ByteBuffer()
        bytes.writeHeartbeat()
        bytes.writeFrame(type: 1, channel: 1, payload: ByteBuffer(string: "abc"), end: 0)
        scanner.append(bytes)
        let (first, second) = (scanner.next(), scanner.next())
        #expect(first == .frame(.init(type: 8, channel: 0, size: 0, payloadIndex: 7)))
        #expect(second == .rubbish)
        let all = scanner.takeAll()
        #expect(all == bytes)
    }

    @Test func anUnknownTypeIsRubbishAtOnce() {
        var scanner = FrameScanner()
        scanner.append(ByteBuffer(string: "G"))
        let found = scanner.next()
        #expect(found == .rubbish)
    }
}

@Suite struct OutstandingTagsTests {
    @Test func tagsAreSettledOneByOneAndInPrefixes() {
        var tags = OutstandingTags()
        for tag: UInt64 in 1...10 { tags.add(tag) }
        func settled(_ tag: UInt64, multiple: Bool = false) -> Int { tags.settle(tag, multiple: multiple) }
        let singles = [settled(1), settled(1), settled(5)]
        #expect(singles == [1, 0, 1])
        let prefix = settled(6, multiple: true)
        #expect(prefix == 4)
        let unknown = settled(99)
        #expect(unknown == 0 && tags.count == 4)
        let beyond = settled(.max, multiple: true)
        #expect(beyond == 4)
        tags.add(11)
        let all = settled(0, multiple: true)
        #expect(all == 1 && tags.count == 0)
    }
}
