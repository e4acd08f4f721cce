import Testing

@testable import MessageRouting

@Suite struct HeadersPatternTests {
    private let pdf: HeaderTable = ["format": "pdf", "type": "report"]

    @Test func allWantsEveryHeader() {
        let all = HeadersPattern(["x-match": "all", "format": "pdf", "type": "report"])
        #expect(all.matches(pdf))
        #expect(all.matches(["type": "report", "format": "pdf", "more": 1]))
        #expect(!all.matches(["format": "pdf"]))
        #expect(!all.matches(["format": "pdf", "type": "log"]))
        #expect(!all.matches([:]))
        #expect(HeadersPattern(pdf).matches(pdf))
        #expect(!HeadersPattern(pdf).matches(["format": "pdf"]))
    }

    @Test func anyWantsOne() {
        let any = HeadersPattern(["x-match": "any", "format": "pdf", "type": "report"])
        #expect(any.matches(["format": "pdf", "type": "log"]))
        #expect(!any.matches(["format": "zip"]))
        #expect(!any.matches([:]))
    }

    @Test func withoutHeadersAllMatchesEverythingAndAnyNothing() {
        #expect(HeadersPattern([:]).matches([:]))
        #expect(HeadersPattern(["x-match": "all", "x-a": 1]).matches(["b": 2]))
        #expect(!HeadersPattern(["x-match": "any"]).matches(["b": 2]))
        #expect(!HeadersPattern(["x-match": "any", "x-a": 1]).matches(["x-a": 1]))
    }

    @Test func xHeadersCountOnlyWhereItSaysSo() {
        #expect(HeadersPattern(["x-match": "any-with-x", "x-a": 1]).matches(["x-a": 1]))
        #expect(!HeadersPattern(["x-match": "all-with-x", "x-a": 1, "b": 2]).matches(["b": 2]))
        #expect(HeadersPattern(["x-match": "all", "x-a": 1, "b": 2]).matches(["b": 2]))
        let counted = RoutingRules.but { $0.countsXHeaders = true }
        #expect(!HeadersPattern(["x-match": "all", "x-a": 1, "b": 2]).matches(["b": 2], by: counted))
    }

    @Test func typesAreTold() {
        let ten = HeadersPattern(["x-match": "all", "size": 10])
        #expect(ten.matches(["size": 10]))
        #expect(!ten.matches(["size": "10"]))
        #expect(!ten.matches(["size": .floating(10)]))
        #expect(!ten.matches(["size": 11]))
        #expect(ten.matches(["size": "10"], by: .but { $0.ignoresHeaderTypes = true }))
        #expect(HeadersPattern(["x-match": "all", "size": .floating(0.5)]).matches(["size": .floating(0.5)]))
    }

    @Test func voidAsksOnlyWhetherItIsThere() {
        let urgent = HeadersPattern(["x-match": "all", "urgent": .void])
        #expect(urgent.matches(["urgent": false]))
        #expect(urgent.matches(["urgent": .void]))
        #expect(!urgent.matches(["other": 1]))
    }
}

@Suite struct UntoldHeaderTests {
    @Test("A value that is one of two matches only where both would")
    func either() {
        let pattern = HeadersPattern(["a": .either([.void, .text("undefined")])])
        #expect(pattern.matches(["a": "undefined"]))
        for value: HeaderValue in ["x", 1, .void] {
            #expect(!pattern.matches(["a": value]))
            guard case .perhaps = pattern.match(["a": value], by: .amqp) else {
                Issue.record("\(value) is not told")
                continue
            }
        }
        guard case .no = pattern.match([:], by: .amqp) else {
            Issue.record("a missing header matches neither")
            return
        }
    }
}
