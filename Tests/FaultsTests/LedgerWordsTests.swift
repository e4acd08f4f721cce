import Faults
import Foundation
import Testing

@Suite("What an entry says besides its kind and code")
struct LedgerWordsTests {
    private func entry(
        _ kind: LedgerEntry.Kind, _ text: String, code: Int? = nil, name: String? = nil,
        scope: LedgerEntry.Scope = .connection
    ) -> LedgerEntry {
        LedgerEntry(
            at: Date(timeIntervalSince1970: 0), kind: kind, scope: scope, user: "shop", vhost: "/", code: code,
            codeName: name, text: text, source: .logExchange)
    }

    @Test("The code, its name and the verb are said once")
    func once() {
        #expect(entry(.opened, "opened").remark == "")
        #expect(entry(.opened, "connection opened").remark == "")
        #expect(entry(.closed, "closed by the client").remark == "by the client")
        #expect(entry(.closed, "channel closed", scope: .channel).remark == "")
        #expect(entry(.blocked, "blocked: low on memory").remark == "low on memory")
        #expect(entry(.unblocked, "unblocked").remark == "")
        #expect(entry(.error, "NOT_FOUND - no queue 'a'", code: 404, name: "NOT_FOUND").remark == "no queue 'a'")
        #expect(entry(.error, "NOT_FOUND", code: 404, name: "NOT_FOUND").remark == "")
        #expect(entry(.error, "404 NOT_FOUND - no queue", code: 404, name: "NOT_FOUND").remark == "no queue")
        #expect(entry(.error, "NOT_FOUND NOT_FOUND", code: 404, name: "NOT_FOUND").remark == "")
        #expect(
            entry(.returned, "NO_ROUTE: exchange 'x'", code: 312, name: "NO_ROUTE", scope: .channel).remark
                == "exchange 'x'")
    }

    @Test("What only begins alike stays whole")
    func others() {
        #expect(entry(.opened, "recovered after 3 s").remark == "recovered after 3 s")
        #expect(entry(.opened, "openedge").remark == "openedge")
        #expect(entry(.error, "4040 things", code: 404, name: "NOT_FOUND").remark == "4040 things")
        #expect(entry(.error, "NOT_FOUND_AT_ALL", code: 404, name: "NOT_FOUND").remark == "NOT_FOUND_AT_ALL")
        #expect(entry(.error, "", code: 404, name: "NOT_FOUND").remark == "")
        #expect(entry(.error, "closed by peer").remark == "closed by peer")
        // Characters of more than one scalar are no reason to cut one of them.
        #expect(entry(.closed, "closed\u{301}").remark == "closed\u{301}")
        #expect(entry(.closed, "closed \u{301}x").remark == "\u{301}x")
    }

    @Test("Where nothing is left to say, it is said who it was")
    func summary() {
        #expect(entry(.opened, "opened").summary == "user shop, vhost /")
        #expect(entry(.closed, "closed by the client").summary == "by the client")
    }
}
