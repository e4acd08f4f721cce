import NIOCore
import Names

/// The frames that a busy client receives most. They are recognized in the received bytes directly, without a `Method`
/// and a `RawFrame`.
public enum FastPathFrame: Sendable {
    /// `basic.deliver` with its content header and its whole body.
    case delivery(FastPathDelivery)
    /// A `basic.ack`; from a broker, a confirm.
    case ack(channel: UInt16, deliveryTag: UInt64, multiple: Bool)
}

/// A delivery whose frames arrived together, with a body of one frame or none.
public struct FastPathDelivery: Sendable {
    /// The channel number.
    public var channel: UInt16
    /// The delivery tag.
    public var deliveryTag: UInt64
    /// Whether the message was delivered before.
    public var redelivered: Bool
    /// The names of the delivery: the same object as for the previous delivery if all names are equal.
    public var names: DeliveryNames
    /// The message properties.
    public var properties: BasicProperties
    /// The body, a slice of the received buffer.
    public var body: ByteBuffer
}

/// The names in a `basic.deliver`. Successive deliveries usually have the same names, which are then decoded once.
public final class DeliveryNames: Sendable {
    /// The consumer tag.
    public let consumerTag: Name
    /// The exchange that the message was published to.
    public let exchange: Name
    /// The routing key that the message was published with.
    public let routingKey: Name
    /// The encoded names with their lengths: the tag, and the other two, which are adjacent.
    let tagBytes: [UInt8]
    let keyBytes: [UInt8]

    init(tagBytes: [UInt8], keyBytes: [UInt8]) {
        self.tagBytes = tagBytes
        self.keyBytes = keyBytes
        let exchangeEnd = 1 + Int(keyBytes.first ?? 0)
        consumerTag = Name(bytes: tagBytes.dropFirst())
        exchange = Name(bytes: keyBytes.prefix(exchangeEnd).dropFirst())
        routingKey = Name(bytes: keyBytes.dropFirst(exchangeEnd + 1))
    }

    /// Creates the names of a delivery that was not recognized by the fast path.
    public init(consumerTag: Name, exchange: Name, routingKey: Name) {
        self.consumerTag = consumerTag
        self.exchange = exchange
        self.routingKey = routingKey
        tagBytes = []
        keyBytes = []
    }
}

/// Finds a `FastPathFrame` at the start of the bytes. Anything incomplete, unusual or invalid is not recognized and
/// left to the decoder, which reports the error.
struct FastPathScan {
    /// The offsets of a delivery's parts, from the start of the bytes.
    struct Delivery {
        var channel: UInt16
        var deliveryTag: UInt64
        var redelivered: Bool
        var tag: Range<Int>
        var keys: Range<Int>
        var properties: Range<Int>
        var body: Range<Int>
        /// The offset after its last frame.
        var end: Int
    }

    enum Found {
        case delivery(Delivery)
        case ack(channel: UInt16, deliveryTag: UInt64, multiple: Bool)
    }

    /// The size of a `basic.ack` frame, in bytes.
    static let ackSize = 21

    private let bytes: UnsafeRawBufferPointer
    private let frameMax: UInt32

    init(_ bytes: UnsafeRawBufferPointer, frameMax: UInt32) {
        self.bytes = bytes
        self.frameMax = frameMax
    }

    /// A complete frame with the range of its payload.
    private struct Cut {
        var type: UInt8
        var channel: UInt16
        var payload: Range<Int>
    }

    func find() -> Found? {
        guard let method = frame(at: 0), method.type == FrameType.method.rawValue, method.channel > 0,
            method.payload.count >= 4
        else { return nil }
        switch load(method.payload.lowerBound, as: UInt32.self) {
        case Self.ack:
            guard method.payload.count == 13 else { return nil }
            let tag = load(method.payload.lowerBound + 4, as: UInt64.self)
            return .ack(
                channel: method.channel, deliveryTag: tag, multiple: bytes[method.payload.lowerBound + 12] & 1 != 0)
        case Self.deliver:
            return delivery(method)
        default:
            return nil
        }
    }

    /// The class and method ids of `basic.ack` and `basic.deliver`.
    private static let ack: UInt32 = 60 << 16 | 80
    private static let deliver: UInt32 = 60 << 16 | 60

    private func delivery(_ method: Cut) -> Found? {
        let end = method.payload.upperBound
        let tag = method.payload.lowerBound + 4
        guard let tagEnd = shortStringEnd(tag, within: end), end - tagEnd >= 9 else { return nil }
        let keys = tagEnd + 9
        guard let exchangeEnd = shortStringEnd(keys, within: end),
            shortStringEnd(exchangeEnd, within: end) == end,
            let header = frame(at: end + 1), header.type == FrameType.header.rawValue,
            header.channel == method.channel, header.payload.count >= 14,
            load(header.payload.lowerBound, as: UInt16.self) == ContentHeader.basicClassID
        else { return nil }
        var found = Delivery(
            channel: method.channel,
            deliveryTag: load(tagEnd, as: UInt64.self),
            redelivered: bytes[tagEnd + 8] & 1 != 0,
            tag: tag..<tagEnd,
            keys: keys..<end,
            properties: (header.payload.lowerBound + 12)..<header.payload.upperBound,
            body: 0..<0,
            end: header.payload.upperBound + 1
        )
        let size = load(header.payload.lowerBound + 4, as: UInt64.self)
        if size == 0 { return .delivery(found) }
        guard let body = frame(at: found.end), body.type == FrameType.body.rawValue, body.channel == method.channel,
            UInt64(body.payload.count) == size
        else { return nil }
        found.body = body.payload
        found.end = body.payload.upperBound + 1
        return .delivery(found)
    }

    /// Returns the frame that begins at this offset, if it is complete and ends with the end octet.
    @inline(__always)
    private func frame(at start: Int) -> Cut? {
        guard start <= bytes.count, bytes.count - start >= RawFrame.overhead else { return nil }
        let size = load(start + 3, as: UInt32.self)
        let total = UInt64(size) + UInt64(RawFrame.overhead)
        guard UInt64(bytes.count - start) >= total, frameMax == 0 || total <= UInt64(frameMax) else { return nil }
        let payload = (start + 7)..<(start + 7 + Int(size))
        guard bytes[payload.upperBound] == RawFrame.end else { return nil }
        return Cut(type: bytes[start], channel: load(start + 1, as: UInt16.self), payload: payload)
    }

    /// Returns the end of the short string that begins at this offset; nil if it exceeds the limit.
    @inline(__always)
    private func shortStringEnd(_ start: Int, within end: Int) -> Int? {
        guard start < end else { return nil }
        let length = Int(bytes[start])
        return end - start - 1 >= length ? start + 1 + length : nil
    }

    /// Reads an integer. The caller ensures that it lies within the bytes.
    @inline(__always)
    private func load<Value: FixedWidthInteger>(_ offset: Int, as: Value.Type) -> Value {
        precondition(offset >= 0 && offset + MemoryLayout<Value>.size <= bytes.count)
        return Value(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
}

extension FrameDecoder {
    /// Returns the next frame if it is a delivery or confirm that has arrived completely. Nil does not mean that there
    /// is no frame: call `next()`.
    public mutating func nextFastPath() -> FastPathFrame? {
        guard failure == nil, begun == nil else { return nil }
        let limit = frameMax
        let found = buffer.withUnsafeReadableBytes { FastPathScan($0, frameMax: limit).find() }
        switch found {
        case nil: return nil
        case .ack(let channel, let tag, let multiple):
            passed(FastPathScan.ackSize)
            return .ack(channel: channel, deliveryTag: tag, multiple: multiple)
        case .delivery(let delivery):
            guard let properties = properties(at: delivery.properties), let body = slice(delivery.body) else {
                return nil
            }
            let names = names(delivery)
            passed(delivery.end)
            return .delivery(
                FastPathDelivery(
                    channel: delivery.channel, deliveryTag: delivery.deliveryTag, redelivered: delivery.redelivered,
                    names: names, properties: properties, body: body))
        }
    }

    private mutating func names(_ delivery: FastPathScan.Delivery) -> DeliveryNames {
        let last = fastPath.names
        let isSame = buffer.withUnsafeReadableBytes { bytes in
            last.map { bytes.has($0.tagBytes, at: delivery.tag) && bytes.has($0.keyBytes, at: delivery.keys) } ?? false
        }
        if isSame, let last { return last }
        let names = buffer.withUnsafeReadableBytes { bytes in
            DeliveryNames(tagBytes: Array(bytes[delivery.tag]), keyBytes: Array(bytes[delivery.keys]))
        }
        fastPath.names = names
        return names
    }

    /// Returns nil if the properties are invalid; `next()` then reports the error.
    private mutating func properties(at range: Range<Int>) -> BasicProperties? {
        let isSame = buffer.withUnsafeReadableBytes { [last = fastPath.propertyBytes] in $0.has(last, at: range) }
        if isSame { return fastPath.properties }
        guard let slice = slice(range) else { return nil }
        var reader = PayloadReader(slice)
        guard let properties = try? BasicProperties(from: &reader), reader.isAtEnd else { return nil }
        fastPath.propertyBytes = buffer.withUnsafeReadableBytes { Array($0[range]) }
        fastPath.properties = properties
        return properties
    }

    private func slice(_ range: Range<Int>) -> ByteBuffer? {
        range.isEmpty ? ByteBuffer() : buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count)
    }

    /// The encoded properties and names of the last delivery, which the next one usually repeats.
    struct FastPathMemory: Sendable {
        var names: DeliveryNames?
        var propertyBytes: [UInt8] = [0, 0]
        var properties = BasicProperties()
    }
}

extension UnsafeRawBufferPointer {
    /// Returns whether the range, which must be valid, contains these bytes.
    @inline(__always)
    fileprivate func has(_ others: [UInt8], at range: Range<Int>) -> Bool {
        others.count == range.count && self[range].elementsEqual(others)
    }
}
