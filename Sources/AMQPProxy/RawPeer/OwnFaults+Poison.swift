import AMQPWire
import Faults
import NIOCore
import Names

// Messages that are valid for the broker, and on which a consumer's decoder fails.
extension PoisonMessageFault.Kind {
    var properties: BasicProperties {
        switch self {
        case .json, .empty, .nested: BasicProperties(contentType: "application/json", contentEncoding: "utf-8")
        case .utf8: BasicProperties(contentType: "text/plain", contentEncoding: "utf-8")
        case .gzip: BasicProperties(contentType: "application/json", contentEncoding: "gzip")
        case .pickle: BasicProperties(contentType: "application/x-python-serialize", contentEncoding: "binary")
        case .headers:
            BasicProperties(
                contentType: "application/json", headers: Self.everyType, priority: 255, timestamp: UInt64.max)
        }
    }

    var body: ByteBuffer {
        switch self {
        case .json: ByteBuffer(string: #"{"order": 4711, "items": [{"sku": "A-1", "count": "#)
        case .utf8: ByteBuffer(bytes: [0x66, 0xC3, 0x28, 0xFF, 0xFE, 0xED, 0xA0, 0x80])
        case .empty: ByteBuffer()
        case .gzip: ByteBuffer(string: #"{"compressed": false}"#)
        case .nested: ByteBuffer(repeating: UInt8(ascii: "["), count: 100_000)
        case .headers: ByteBuffer(string: "{}")
        case .pickle: ByteBuffer(string: "this is no pickle")
        }
    }

    // Infinity is left out, because RabbitMQ's own reader crashes on it with 541.
    private static let everyType: FieldTable = [
        "bool": .bool(true), "int8": .int8(.min), "uint8": .uint8(.max), "int16": .int16(.min), "uint16": .uint16(.max),
        "int32": .int32(.min), "uint32": .uint32(.max), "int64": .int64(.min),
        "float": .float(.greatestFiniteMagnitude),
        "double": .double(-.greatestFiniteMagnitude), "decimal": .decimal(scale: 255, value: 1),
        "string": "\u{0}\u{202E}",
        "not utf-8": .string(Name(bytes: [0xFF, 0xFE])), "array": .array([.void, .array([]), .table([:])]),
        "timestamp": .timestamp(UInt64(Int64.max)), "table": .table(["": .void]), "void": .void,
        "bytes": .bytes([0, 1, 2]), "": "a header without a name",
    ]
}
