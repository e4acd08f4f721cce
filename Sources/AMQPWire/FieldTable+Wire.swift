import NIOCore
import Names

extension FieldTable {
    /// Parses entries without the length field, as in an AMQPLAIN response. Throws errors with code 501 or 502, as
    /// `Method` does.
    public init(entries bytes: [UInt8]) throws(WireError) {
        var reader = PayloadReader(ByteBuffer(bytes: bytes))
        try self.init(entriesFrom: &reader)
    }

    /// Reads entries to the end of the reader, which must span exactly the table.
    init(entriesFrom reader: inout PayloadReader) throws(WireError) {
        self.init()
        while !reader.isAtEnd {
            let key = try reader.name()
            entries.append(Entry(key: key, value: try FieldValue(from: &reader)))
        }
    }
}

extension FieldValue {
    init(from reader: inout PayloadReader) throws(WireError) {
        let tag = try reader.octet()
        switch tag {
        case UInt8(ascii: "t"): self = .bool(try reader.octet() != 0)
        case UInt8(ascii: "b"): self = .int8(Int8(bitPattern: try reader.octet()))
        case UInt8(ascii: "B"): self = .uint8(try reader.octet())
        case UInt8(ascii: "s"): self = .int16(Int16(bitPattern: try reader.short()))
        case UInt8(ascii: "u"): self = .uint16(try reader.short())
        case UInt8(ascii: "I"): self = .int32(Int32(bitPattern: try reader.long()))
        case UInt8(ascii: "i"): self = .uint32(try reader.long())
        case UInt8(ascii: "l"), UInt8(ascii: "L"): self = .int64(Int64(bitPattern: try reader.longLong()))
        case UInt8(ascii: "f"): self = .float(Float(bitPattern: try reader.long()))
        case UInt8(ascii: "d"): self = .double(Double(bitPattern: try reader.longLong()))
        case UInt8(ascii: "D"):
            let scale = try reader.octet()
            self = .decimal(scale: scale, value: Int32(bitPattern: try reader.long()))
        case UInt8(ascii: "S"): self = .string(Name(bytes: try reader.longBytes()))
        case UInt8(ascii: "A"):
            var items = try reader.nested()
            var values: [FieldValue] = []
            while !items.isAtEnd { values.append(try FieldValue(from: &items)) }
            self = .array(values)
        case UInt8(ascii: "T"): self = .timestamp(try reader.longLong())
        case UInt8(ascii: "F"): self = .table(try reader.table())
        case UInt8(ascii: "V"): self = .void
        case UInt8(ascii: "x"): self = .bytes(try reader.longBytes())
        default: throw .unknownFieldType(tag)
        }
    }
}

extension ByteBuffer {
    mutating func writeTable(_ table: FieldTable, depth: Int = 0) throws(WireError) {
        guard depth < FieldTable.maximumDepth else { throw .nestingTooDeep }
        let lengthIndex = writerIndex
        writeInteger(0, as: UInt32.self)
        for entry in table.entries {
            try writeName(entry.key)
            try writeField(entry.value, depth: depth)
        }
        try patchLength(at: lengthIndex)
    }

    private mutating func writeField(_ value: FieldValue, depth: Int) throws(WireError) {
        switch value {
        case .bool(let value): writeMultipleIntegers(UInt8(ascii: "t"), UInt8(value ? 1 : 0))
        case .int8(let value): writeMultipleIntegers(UInt8(ascii: "b"), value)
        case .uint8(let value): writeMultipleIntegers(UInt8(ascii: "B"), value)
        case .int16(let value): writeMultipleIntegers(UInt8(ascii: "s"), value)
        case .uint16(let value): writeMultipleIntegers(UInt8(ascii: "u"), value)
        case .int32(let value): writeMultipleIntegers(UInt8(ascii: "I"), value)
        case .uint32(let value): writeMultipleIntegers(UInt8(ascii: "i"), value)
        case .int64(let value): writeMultipleIntegers(UInt8(ascii: "l"), value)
        case .float(let value): writeMultipleIntegers(UInt8(ascii: "f"), value.bitPattern)
        case .double(let value): writeMultipleIntegers(UInt8(ascii: "d"), value.bitPattern)
        case .decimal(let scale, let value): writeMultipleIntegers(UInt8(ascii: "D"), scale, value)
        case .string(let value):
            writeInteger(UInt8(ascii: "S"))
            try writeLongName(value)
        case .array(let values):
            guard depth + 1 < FieldTable.maximumDepth else { throw .nestingTooDeep }
            writeInteger(UInt8(ascii: "A"))
            let lengthIndex = writerIndex
            writeInteger(0, as: UInt32.self)
            for value in values { try writeField(value, depth: depth + 1) }
            try patchLength(at: lengthIndex)
        case .timestamp(let value): writeMultipleIntegers(UInt8(ascii: "T"), value)
        case .table(let value):
            writeInteger(UInt8(ascii: "F"))
            try writeTable(value, depth: depth + 1)
        case .void: writeInteger(UInt8(ascii: "V"))
        case .bytes(let value):
            writeInteger(UInt8(ascii: "x"))
            try writeLongBytes(value)
        }
    }

    /// Sets the 32-bit length at `index` to the size of the bytes written after it.
    mutating func patchLength(at index: Int) throws(WireError) {
        let length = writerIndex - index - 4
        guard let length32 = UInt32(exactly: length) else { throw .valueTooLong(bytes: length) }
        setInteger(length32, at: index)
    }

    mutating func writeName(_ name: Name) throws(WireError) {
        guard let length = UInt8(exactly: name.count) else { throw .shortStringTooLong(bytes: name.count) }
        writeInteger(length)
        writeBytes(of: name)
    }

    private mutating func writeLongName(_ name: Name) throws(WireError) {
        guard let length = UInt32(exactly: name.count) else { throw .valueTooLong(bytes: name.count) }
        writeInteger(length)
        writeBytes(of: name)
    }

    private mutating func writeBytes(of name: Name) {
        if name.isText { writeString(name.text) } else { writeBytes(name.bytes) }
    }

    mutating func writeShortString(_ string: String) throws(WireError) {
        let lengthIndex = writerIndex
        writeInteger(0, as: UInt8.self)
        let written = writeString(string)
        guard let length = UInt8(exactly: written) else { throw .shortStringTooLong(bytes: written) }
        setInteger(length, at: lengthIndex)
    }

    mutating func writeLongString(_ string: String) throws(WireError) {
        let lengthIndex = writerIndex
        writeInteger(0, as: UInt32.self)
        writeString(string)
        try patchLength(at: lengthIndex)
    }

    mutating func writeLongBytes(_ bytes: [UInt8]) throws(WireError) {
        guard let length = UInt32(exactly: bytes.count) else { throw .valueTooLong(bytes: bytes.count) }
        writeInteger(length)
        writeBytes(bytes)
    }
}
