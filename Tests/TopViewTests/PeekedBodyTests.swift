import Screen
import Testing
@testable import TopCore

@testable import TopView

@Suite("The body of a message")
struct PeekedBodyTests {
    @Test("Lines that end in a carriage return and a line feed are lines")
    func lines() throws {
        var state = Sample.state(.queues)
        let body = Array("line1\r\nline2".utf8)
        let message = PeekedMessage(
            exchange: "", routingKey: "orders", redelivered: false, deliveryCount: nil, properties: [], headers: [],
            body: body, bodySize: body.count)
        state.overlay = .peek(PeekView(queue: Sample.orders, messages: [message]))
        let frame = render(state, size: state.size, zone: .utc).frame
        let rows = (0..<frame.size.height).map { frame.text(ofRow: $0) }
        let first = try #require(rows.firstIndex { $0.contains("line1") })
        #expect(!rows[first].contains("line2"))
        #expect(rows[first + 1].contains("line2"))
    }
}
