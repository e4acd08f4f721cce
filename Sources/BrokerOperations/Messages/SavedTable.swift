import AMQPWire
import Foundation
import Names

/// A field table in JSON: an array, because order and repeated keys belong to it.
struct SavedTable: Codable {
    var table: FieldTable

    init(_ table: FieldTable) { self.table = table }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for entry in table.entries { try container.encode(SavedEntry(entry: entry)) }
    }

    init(from decoder: any Decoder) throws {
        guard decoder.codingPath.count < 4 * FieldTable.maximumDepth else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "tables are nested too deeply"))
        }
        var container = try decoder.unkeyedContainer()
        var entries: [FieldTable.Entry] = []
        while !container.isAtEnd { entries.append(try container.decode(SavedEntry.self).entry) }
        table = FieldTable(entries)
    }
}

/// An entry of a table: `{"key": "x-retries", "int32": 5}`.
private struct SavedEntry: Codable {
    var entry: FieldTable.Entry

    private enum Key: String, CodingKey { case key }

    init(entry: FieldTable.Entry) { self.entry = entry }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(SavedText(entry.key), forKey: .key)
        try SavedValue(value: entry.value).encode(to: encoder)
    }

    init(from decoder: any Decoder) throws {
        let key = try decoder.container(keyedBy: Key.self).decode(SavedText.self, forKey: .key)
        entry = FieldTable.Entry(key: try key.short(in: decoder), value: try SavedValue(from: decoder).value)
    }
}

/// A value with its type as the only key: `{"int32": 5}`.
private struct SavedValue: Codable {
    var value: FieldValue

    private enum Key: String, CodingKey, CaseIterable {
        case bool, int8, uint8, int16, uint16, int32, uint32, int64, float, double, decimal, string, array, timestamp
        case table, void, bytes
    }

    private struct Decimal: Codable {
        var scale: UInt8
        var value: Int32
    }

    init(value: FieldValue) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch value {
        case .bool(let value): try container.encode(value, forKey: .bool)
        case .int8(let value): try container.encode(value, forKey: .int8)
        case .uint8(let value): try container.encode(value, forKey: .uint8)
        case .int16(let value): try container.encode(value, forKey: .int16)
        case .uint16(let value): try container.encode(value, forKey: .uint16)
        case .int32(let value): try container.encode(value, forKey: .int32)
        case .uint32(let value): try container.encode(value, forKey: .uint32)
        case .int64(let value): try container.encode(value, forKey: .int64)
        case .float(let value):
            // JSON has no number for these: their bits, which are exact.
            if value.isFinite {
                try container.encode(value, forKey: .float)
            } else {
                try container.encode("0x" + String(value.bitPattern, radix: 16), forKey: .float)
            }
        case .double(let value):
            if value.isFinite {
                try container.encode(value, forKey: .double)
            } else {
                try container.encode("0x" + String(value.bitPattern, radix: 16), forKey: .double)
            }
        case .decimal(let scale, let value):
            try container.encode(Decimal(scale: scale, value: value), forKey: .decimal)
        case .string(let value): try container.encode(SavedText(value), forKey: .string)
        case .array(let values): try container.encode(values.map(SavedValue.init), forKey: .array)
        case .timestamp(let value): try container.encode(value, forKey: .timestamp)
        case .table(let value): try container.encode(SavedTable(value), forKey: .table)
        case .void: try container.encodeNil(forKey: .void)
        case .bytes(let value): try container.encode(Data(value).base64EncodedString(), forKey: .bytes)
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        guard container.allKeys.count == 1, let key = container.allKeys.first else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription:
                        "a value has one of these keys: \(Key.allCases.map(\.rawValue).joined(separator: ", "))"))
        }
        switch key {
        case .bool: value = .bool(try container.decode(Bool.self, forKey: key))
        case .int8: value = .int8(try container.decode(Int8.self, forKey: key))
        case .uint8: value = .uint8(try container.decode(UInt8.self, forKey: key))
        case .int16: value = .int16(try container.decode(Int16.self, forKey: key))
        case .uint16: value = .uint16(try container.decode(UInt16.self, forKey: key))
        case .int32: value = .int32(try container.decode(Int32.self, forKey: key))
        case .uint32: value = .uint32(try container.decode(UInt32.self, forKey: key))
        case .int64: value = .int64(try container.decode(Int64.self, forKey: key))
        case .float:
            if let bits = try? container.decode(String.self, forKey: key) {
                value = .float(Float(bitPattern: try Self.bits(bits, decoder)))
            } else {
                value = .float(try container.decode(Float.self, forKey: key))
            }
        case .double:
            if let bits = try? container.decode(String.self, forKey: key) {
                value = .double(Double(bitPattern: try Self.bits(bits, decoder)))
            } else {
                value = .double(try container.decode(Double.self, forKey: key))
            }
        case .decimal:
            let decimal = try container.decode(Decimal.self, forKey: key)
            value = .decimal(scale: decimal.scale, value: decimal.value)
        case .string: value = .string(try container.decode(SavedText.self, forKey: key).name)
        case .array: value = .array(try container.decode([SavedValue].self, forKey: key).map(\.value))
        case .timestamp: value = .timestamp(try container.decode(UInt64.self, forKey: key))
        case .table: value = .table(try container.decode(SavedTable.self, forKey: key).table)
        case .void: value = .void
        case .bytes:
            guard let data = Data(base64Encoded: try container.decode(String.self, forKey: key)) else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "it is not Base64")
            }
            value = .bytes(Array(data))
        }
    }

    private static func bits<Bits: FixedWidthInteger>(_ text: String, _ decoder: any Decoder) throws -> Bits {
        guard text.hasBytePrefix("0x"), let bits = Bits(text.dropFirst(2), radix: 16) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\(text) are no bits, as in 0x7ff0"))
        }
        return bits
    }
}
