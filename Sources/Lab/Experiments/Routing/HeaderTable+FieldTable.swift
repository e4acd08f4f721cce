import AMQPWire
import MessageRouting

extension HeaderTable {
    /// Creates a table from one of the wire.
    init(_ table: FieldTable) {
        self.init(table.entries.map { Entry(name: $0.key, value: HeaderValue($0.value)) })
    }
}

extension HeaderValue {
    /// Creates a value as the broker compares it: integers of all widths are one class of type, both floating-point
    /// types are another, and every other type is its own.
    init(_ value: FieldValue) {
        switch value {
        case .int8(let value): self = .whole(Int64(value))
        case .uint8(let value): self = .whole(Int64(value))
        case .int16(let value): self = .whole(Int64(value))
        case .uint16(let value): self = .whole(Int64(value))
        case .int32(let value): self = .whole(Int64(value))
        case .uint32(let value): self = .whole(Int64(value))
        case .int64(let value): self = .whole(value)
        case .float(let value): self = .floating(Double(value))
        case .double(let value): self = .floating(value)
        case .bool(let value): self = .flag(value)
        case .string(let value): self = .text(value)
        case .array(let values): self = .list(values.map { HeaderValue($0) })
        case .void: self = .void
        case .decimal: self = .other(type: "decimal", text: value.description)
        case .timestamp: self = .other(type: "timestamp", text: value.description)
        case .table: self = .other(type: "table", text: value.description)
        case .bytes: self = .other(type: "bytes", text: value.description)
        }
    }
}
