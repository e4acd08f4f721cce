import Testing
import TopCore

@testable import BrokerOperations

@Suite struct ChannelCloserTests {
    @Test func namesCannotBecomeErlang() {
        let id = ChannelID(connection: "a\">>), halt(). % -> b", number: 7)
        let expression = ChannelCloser.expression(closing: id, .preconditionFailed)
        #expect(!expression.contains("halt"))
        #expect(expression.contains(ChannelCloser.binary(id.name)))
        #expect(ChannelCloser.binary("a1") == "<<97,49>>")
        #expect(expression.contains("{'basic.ack', 987654321, false}"))
        #expect(ChannelCloser.expression(closing: id, .notFound).contains("'queue.declare'"))
    }

    @Test func readsWhatCameOfIt() {
        #expect(ChannelCloser.outcome("closed\n") == .closed)
        #expect(ChannelCloser.outcome("missing") == .missing)
        #expect(ChannelCloser.outcome("alive") == .alive)
        #expect(ChannelCloser.outcome("Error: {…}") == nil)
        #expect(ChannelCloser.outcome("") == nil)
    }

    @Test func numbersAsPeopleWriteThem() {
        #expect(OperationRun.grouped(0) == "0")
        #expect(OperationRun.grouped(999) == "999")
        #expect(OperationRun.grouped(12_300) == "12,300")
        #expect(OperationRun.grouped(-1_234_567) == "-1,234,567")
    }
}
