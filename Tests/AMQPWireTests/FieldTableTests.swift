import NIOCore
import Names
import Testing

@testable import AMQPWire

@Suite struct FieldTableTests {
    static let expected: FieldTable = [
        "bool": true,
        "bytes": .bytes([0, 1, 255]),
        "decimal": .decimal(scale: 2, value: 314),
        "double": .float(1.5),
        "list": [.int8(1), "two", false, ["three": .int8(3)]],
        "long": .int64(1 << 40),
        "negative": .int8(-5),
        "nested": ["a": ["b": .void]],
        "octet": .int16(200),
        "short": .int16(-200),
        "small": .int8(3),
        "text": "täglich",
        "time": .timestamp(1_700_000_000),
        "unsigned-short": .uint16(40000),
        "unsigned-word": .uint32(3_000_000_000),
        "void": .void,
        "word": .int32(-40000),
    ]

    @Test(arguments: Fixture.of(.table))
    func readsAndWritesTheTablesThatPamqpWrites(_ fixture: Fixture) throws {
        var reader = PayloadReader(fixture.bytes)
        let table = try reader.table()
        #expect(reader.isAtEnd)
        if fixture.name == "all" {
            #expect(table == Self.expected)
        } else {
            #expect(table == [fixture.name: try #require(Self.expected[fixture.name])] as FieldTable)
        }
        var written = ByteBuffer()
        try written.writeTable(table)
        #expect(written == fixture.bytes)
    }

    /// What pamqp does not write: `B`, `d`, `L`, and strings that are no text.
    @Test func readsTheOtherTypes() throws {
        #expect(try Self.value("643ff8000000000000") == .double(1.5))
        #expect(try Self.value("42c8") == .uint8(200))
        #expect(try Self.value("62c8") == .int8(-56))
        #expect(try Self.value("4cfffffffffffffffe") == .int64(-2))
        #expect(try Self.value("53" + "00000002" + "c328") == .string(Name(bytes: [0xC3, 0x28])))
        #expect(try Self.value("4400ffffffff") == .decimal(scale: 0, value: -1))
        for value: FieldValue in [
            .double(1.5), .uint8(200), .string(Name(bytes: [0xC3, 0x28])), .decimal(scale: 0, value: -1),
        ] {
            var buffer = ByteBuffer()
            try buffer.writeTable(["k": value])
            var reader = PayloadReader(buffer)
            #expect(try reader.table()["k"] == value)
        }
    }

    @Test func anUnknownTypeIsASyntaxError() {
        #expect(throws: WireError.unknownFieldType(UInt8(ascii: "z"))) { try Self.value("7a00") }
        #expect(WireError.unknownFieldType(0).replyCode == .syntaxError)
    }

    @Test func nestingHasALimitInBothDirections() throws {
        var value: FieldValue = 1
        for _ in 0..<FieldTable.maximumDepth { value = .array([value]) }
        var buffer = ByteBuffer()
        #expect(throws: WireError.nestingTooDeep) { try buffer.writeTable(["deep": value]) }

        // Arrays in arrays, the innermost empty, by hand.
        var deep = ByteBuffer(hex: "00000000")
        for _ in 0..<200 {
            var outer = ByteBuffer()
            outer.writeMultipleIntegers(UInt32(deep.readableBytes + 1), UInt8(ascii: "A"))
            outer.writeImmutableBuffer(deep)
            deep = outer
        }
        var table = ByteBuffer()
        table.writeMultipleIntegers(UInt32(deep.readableBytes + 3), UInt8(1), UInt8(ascii: "k"), UInt8(ascii: "A"))
        table.writeImmutableBuffer(deep)
        #expect(throws: WireError.nestingTooDeep) {
            var reader = PayloadReader(table)
            _ = try reader.table()
        }
    }

    @Test func aLengthBeyondTheTableIsTruncated() {
        #expect(throws: WireError.truncated) { try Self.value("53" + "7fffffff" + "00") }
        #expect(throws: WireError.truncated) { try Self.value("41" + "000000ff" + "7401") }
        #expect(throws: WireError.truncated) {
            var reader = PayloadReader(ByteBuffer(hex: "ffffffff"))
            _ = try reader.table()
        }
    }

    @Test func keysKeepTheirOrderAndTheFirstOfTwoWins() throws {
        var table: FieldTable = ["b": 1, "a": 2, "b": 3]
        #expect(table.map(\.key) == ["b", "a", "b"])
        #expect(table["b"] == 1)
        table["a"] = "changed"
        table["b"] = nil
        #expect(table == ["a": "changed"])
        #expect(table["a"]?.stringValue == "changed")
    }

    @Test func valuesConvert() {
        #expect(FieldValue.int8(-1).intValue == -1)
        #expect(FieldValue.timestamp(7).intValue == 7)
        #expect(FieldValue.timestamp(.max).intValue == nil)
        #expect(FieldValue.decimal(scale: 2, value: 314).doubleValue == 3.14)
        #expect(FieldValue.uint16(5).doubleValue == 5)
        #expect(FieldValue.string("é").bytesValue == [0xC3, 0xA9])
        #expect(FieldValue.string("1").intValue == nil)
    }

    private static func value(_ hex: String) throws -> FieldValue {
        var reader = PayloadReader(ByteBuffer(hex: hex))
        return try FieldValue(from: &reader)
    }
}
