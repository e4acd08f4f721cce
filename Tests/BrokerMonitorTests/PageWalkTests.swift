import Names
import RabbitMQManagement
import Testing

@testable import BrokerMonitor

@Suite struct PageWalkTests {
    private struct Row: ManagementObject {
        init() {}
        init?(json: JSONValue) { nil }
    }

    /// Walks through what an API answers, and counts the requests.
    private func walk(limit: Int = 100_000, _ answer: (Int) -> Page<Row>) throws -> Int {
        var walk = PageWalk(limit: limit)
        for count in 1...200_000 {
            if try !walk.goesOn(after: answer(walk.page), of: "GET /api/queues", at: "http://h") { return count }
        }
        Issue.record("it never ends")
        return .max
    }

    @Test func goesThroughAllPages() throws {
        #expect(try walk { Page(items: [Row()], page: $0, pageCount: 7) } == 7)
        #expect(try walk { Page(items: [], page: $0, pageCount: 0) } == 1)
        #expect(try walk { Page(items: $0 < 3 ? [Row()] : [], page: $0, pageCount: 7) } == 3)
    }

    @Test func anAPIThatAlwaysAnswersPageOneOfTwoEnds() {
        #expect(throws: ManagementError.self) { try walk { _ in Page(items: [Row()], page: 1, pageCount: 2) } }
    }

    @Test func aListThatGrowsForEverEnds() throws {
        #expect(try walk { Page(items: [Row()], page: $0, pageCount: $0 + 1) } <= 14)
        #expect(try walk { Page(items: [Row()], page: $0, pageCount: .max) } == 100_000)
        #expect(try walk(limit: 20) { Page(items: [Row()], page: $0, pageCount: .max) } == 20)
    }

    @Test func namesMakeExpressionsThatMatchThemAlone() throws {
        let names: [Name] = ["orders", "a.b", "(x|y)*", "c:\\d", "^[e]$", "q 1"]
        let pattern = try #require(NamePattern.patterns(matching: names).first)
        let expression = try Regex(pattern.text)
        for name in names { #expect(name.text.wholeMatch(of: expression) != nil) }
        for other in ["order", "orders2", "aXb", "x", "c:d", "e"] { #expect(other.firstMatch(of: expression) == nil) }
    }

    @Test func aRequestIsNoLongerThanTheBrokerTakes() {
        let names = (0..<50).map { Name(String(repeating: "ü", count: 120) + "\($0)") }
        let patterns = NamePattern.patterns(matching: names)
        #expect(patterns.count > 1)
        for pattern in patterns {
            #expect(pattern.bytes.reduce(0) { $0 + ($1 < 128 ? 1 : 3) } <= NamePattern.longest + 10)
        }
        #expect(NamePattern.patterns(matching: []).isEmpty)
    }
}

@Suite struct OwnTrafficTests {
    @Test func ratesAreOfTheLastSeconds() {
        let time = Clock()
        let traffic = OwnTraffic(clock: { time.now })
        for second in 0..<20 {
            time.now = Double(second)
            traffic.note(.delivered, 50)
        }
        #expect(traffic.rate(.delivered) == 50)
        #expect(traffic.rate(.channelsOpened) == 0)
        time.now = 24
        #expect(traffic.rate(.delivered) == 25)
        time.now = 100
        #expect(traffic.rate(.delivered) == 0)
    }

    private final class Clock: @unchecked Sendable {
        // Only the test's own thread touches it.
        var now = 0.0
    }
}
