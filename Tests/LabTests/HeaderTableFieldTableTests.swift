import AMQPWire
import MessageRouting
import Testing

@testable import Lab

@Suite struct HeaderTableFieldTableTests {
    private func matches(_ binding: FieldTable, _ message: FieldTable) -> Bool {
        HeadersPattern(HeaderTable(binding)).matches(HeaderTable(message))
    }

    @Test("Integers of all widths are one type, numbers with a fraction another, and each other type its own")
    func types() {
        let ten: FieldTable = ["x-match": "all", "size": 10]
        #expect(matches(ten, ["size": .int16(10)]) && matches(ten, ["size": .uint8(10)]))
        #expect(matches(["size": .float(0.5)], ["size": .double(0.5)]))
        #expect(!matches(ten, ["size": .double(10)]) && !matches(ten, ["size": "10"]))
        #expect(!matches(ten, ["size": .timestamp(10)]))
        #expect(matches(["t": .timestamp(10)], ["t": .timestamp(10)]))
        #expect(!matches(["t": .timestamp(10)], ["t": .timestamp(11)]))
        #expect(!matches(["b": .bytes([1])], ["b": .string("\u{1}")]))
    }
}
