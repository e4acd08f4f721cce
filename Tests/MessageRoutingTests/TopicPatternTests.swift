import Names
import Testing

@testable import MessageRouting

@Suite struct TopicPatternTests {
    static let matching = [
        ("order.*", "order.new"), ("order.#", "order"), ("order.#", "order.eu.paid"), ("#", ""), ("#", "a"),
        ("#", "a.b.c"), ("#", "."), ("*", "a"), ("*.*", "a.b"), ("a.#.b", "a.b"), ("a.#.b", "a.x.y.b"),
        ("#.b", "b"), ("#.#", ""), ("#.*", "a"), ("*.#", "a.b"), ("", ""), ("a.*.b", "a..b"), ("*.*", "."),
        ("a.*", "a."), ("a.", "a."), ("ord*.new", "ord*.new"), ("a#", "a#"), ("#.a.#.b.#", "x.a.y.b.z"),
        ("été.*", "été.x"), ("*", "*"),
    ]

    static let notMatching = [
        ("order.*", "order"), ("order.*", "order.eu.paid"), ("order.#", "orders.new"), ("*", ""), ("*", "a.b"),
        ("*", "."), ("", "a"), ("", "."), ("a.#.b", "a"), ("a.#.b", "a.b.c"), ("ord*.new", "order.new"),
        ("a.*.b", "a.b"), ("a", "A"), ("a", "a."), ("a#", "ab"), ("#.b", "a.c"),
    ]

    @Test(arguments: matching) func matches(_ pattern: String, _ key: String) {
        #expect(TopicPattern(pattern).matches(key))
    }

    @Test(arguments: notMatching) func doesNotMatch(_ pattern: String, _ key: String) {
        #expect(!TopicPattern(pattern).matches(key))
    }

    @Test func manyHashesTakeNoLongTime() {
        let pattern = TopicPattern(Array(repeating: "#.a", count: 60).joined(separator: "."))
        let key = Array(repeating: "a", count: 59).joined(separator: ".") + ".b"
        #expect(!pattern.matches(key))
    }

    @Test func beliefsDiffer() {
        #expect(TopicPattern("order.*").matches("order.eu.paid", by: .but { $0.starTakesManyWords = true }))
        #expect(!TopicPattern("order.*").matches("order", by: .but { $0.starTakesManyWords = true }))
        #expect(!TopicPattern("order.#").matches("order", by: .but { $0.hashNeedsAWord = true }))
        #expect(TopicPattern("order.#").matches("order.a.b", by: .but { $0.hashNeedsAWord = true }))
    }

    @Test("Words are the same when their bytes are")
    func bytes() {
        #expect(!TopicPattern("caf\u{e9}.*").matches("cafe\u{301}.new"))
        #expect(TopicPattern("cafe\u{301}.*").matches("cafe\u{301}.new"))
        #expect(TopicPattern("*.\u{301}").matches("a.\u{301}"), "an accent behind a dot is a word")
        #expect(TopicPattern(Name(bytes: [0xFF, 0x2E, 0x2A])).matches(Name(bytes: [0xFF, 0x2E, 0x61])))
        #expect(!TopicPattern(Name(bytes: [0xFF])).matches(Name(bytes: [0xFE])))
    }
}
