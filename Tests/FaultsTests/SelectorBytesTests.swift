import Faults
import Foundation
import Names
import Testing

@Suite("Selectors, the ledger and findings go by bytes")
struct SelectorBytesTests {
    static let composed = "caf\u{e9}"
    static let decomposed = "cafe\u{301}"

    @Test("A pattern matches bytes, wherever its stars are")
    func patterns() {
        #expect(!Pattern(Self.composed).matches(Self.decomposed))
        #expect(Pattern("cafe*").matches(Self.decomposed), "though the accent makes another Character of the e")
        #expect(!Pattern("cafe*").matches(Self.composed))
        #expect(Pattern("*\u{301}").matches(Self.decomposed))
        #expect(Pattern("a*\n").matches("a\r\n"))
        #expect(Pattern("*b*d*").matches("abcd") && !Pattern("*d*b*").matches("abcd"))
        #expect(Pattern("a*a").matches("aa") && !Pattern("a*a").matches("a"))
        #expect(Pattern("*").matches("") && Pattern("**").matches("x") && !Pattern("").matches("x"))
        #expect(Pattern("a*bc*c").matches("abcc") && !Pattern("a*bc*c").matches("abc"))
        #expect(Pattern(Self.composed) != Pattern(Self.decomposed))
        #expect(FaultSelector(queue: Self.composed) != FaultSelector(queue: Self.decomposed))
        #expect(FaultValue.text(Self.composed) != .text(Self.decomposed))
    }

    @Test("A selector is written and read without a change of its bytes")
    func json() throws {
        let fault = Fault(
            "close-channel", on: FaultSelector(connection: Self.decomposed, queue: Self.composed, channel: 3))
        let read = try JSONDecoder().decode(Fault.self, from: JSONEncoder().encode(fault))
        #expect(read == fault)
        let json = String(decoding: try JSONEncoder().encode(FaultSelector(user: "u")), as: UTF8.self)
        #expect(json == #"{"user":"u"}"#)
    }

    @Test("An error of one application is no effect of the fault on the other")
    func linking() {
        var ledger = Ledger()
        let since = Date(timeIntervalSince1970: 1_000.5)
        let record = FaultRecord(
            id: 1, fault: Fault("close-channel", ["code": 406], on: FaultSelector(connection: Self.composed)),
            since: since.timeIntervalSince1970, until: nil, state: .done)
        ledger.note(record, at: since)
        func error(of name: String) -> LedgerEntry {
            LedgerEntry(
                at: since, kind: .error, scope: .channel, connection: "1.2.3.4:5 -> 6.7.8.9:10", clientName: name,
                vhost: "/", channel: 1, code: 406, text: "PRECONDITION_FAILED", source: .proxy)
        }
        #expect(ledger.record(error(of: Self.decomposed)).fault == nil)
        #expect(ledger.record(error(of: Self.composed)).fault == record.label)
        #expect(error(of: Self.composed) != error(of: Self.decomposed))
        #expect(error(of: Self.composed).clientIdentity != error(of: Self.decomposed).clientIdentity)
        #expect(
            error(of: Self.composed).clientIdentity.application != error(of: Self.decomposed).clientIdentity.application
        )
    }

    @Test("Each application has its own recovery")
    func recoveries() {
        var ledger = Ledger()
        let since = Date(timeIntervalSince1970: 2_000.5)
        func activity(_ name: String, _ seconds: Double) -> ApplicationActivity {
            ApplicationActivity(
                at: since + seconds, connection: "1.2.3.4:\(name.utf8.count) -> 6.7.8.9:10", clientName: name,
                vhost: "/",
                channel: 1, kind: .published)
        }
        for name in [Self.composed, Self.decomposed] { ledger.note(activity(name, -1)) }
        let record = FaultRecord(
            id: 1, fault: Fault("close-channel", on: FaultSelector(user: "x")), since: since.timeIntervalSince1970,
            until: nil, state: .done)
        ledger.note(
            record,
            touches: [Self.composed, Self.decomposed].map { FaultTouch(at: since, activity($0, 0).clientIdentity) },
            at: since)
        #expect(ledger.awaited.count == 2)
        var opened = activity(Self.composed, 0.5)
        opened.kind = .channelOpened
        ledger.note(opened)
        let made = ledger.note(activity(Self.composed, 1))
        #expect(made.map { Name($0.application ?? "") } == [Name(Self.composed)])
        #expect(ledger.awaited.map { Name($0.application.name) } == [Name(Self.decomposed)])
    }

    @Test("Two queues that look alike are two findings")
    func findings() {
        var diagnosis = Diagnosis()
        var facts = DiagnosisFacts(at: Date(timeIntervalSince1970: 0))
        for second in 0..<40 {
            facts.at = Date(timeIntervalSince1970: Double(second))
            facts.queues = DiagnosisFacts.Listing(
                [Self.composed, Self.decomposed].map { name in
                    DiagnosisFacts.QueueFacts(.init(vhost: "/", name: name), ready: 10 + second, consumers: 0)
                })
            diagnosis.examine(facts)
        }
        let places = diagnosis.findings.filter { $0.rule == .growingQueue }.map { Name($0.where) }
        #expect(Set(places) == ["queue 'caf\u{e9}'", "queue 'cafe\u{301}'"])
    }
}
