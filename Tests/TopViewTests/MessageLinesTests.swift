import Screen
import Testing

@testable import TopCore
@testable import TopView

@Suite("The body of a message")
struct MessageLinesTests {
    @Test("Lines that end in a carriage return and a line feed are lines")
    func lines() throws {
        var state = Sample.state(.queues)
        var browser = MessageBrowser(
            BrowsedPage(
                BrowseRequest(queue: Sample.orders, count: 1),
                messages: [Sample.message(1, key: "orders", body: "line1\r\nline2")], ready: 1),
            readAt: Sample.now, size: state.size)
        _ = browser.take(.command(.accept))
        state.overlay = .browser(browser)
        let frame = render(state, size: state.size, zone: .utc).frame
        let rows = (0..<frame.size.height).map { frame.text(ofRow: $0) }
        let first = try #require(rows.firstIndex { $0.contains("line1") })
        #expect(!rows[first].contains("line2"))
        #expect(rows[first + 1].contains("line2"))
    }
}
