import Faults
import Foundation
import Names
import Screen
import Testing

@testable import TopCore
@testable import TopView

@Suite("Findings on the screen")
struct FindingViewTests {
    private static let size = Size(width: 120, height: 40)

    private static func finding(
        _ severity: Finding.Severity, _ subjects: [FindingSubject], rule: DiagnosisRule = .queueLimit
    ) -> Finding {
        Finding(
            rule, severity, what: "is full", where: "queue 'orders'", since: Sample.ago(125),
            advice: "Consume faster.", subjects: subjects)
    }

    private static func lines(_ view: ViewID, ascii: Bool = false, _ change: (inout State) -> Void) -> [String] {
        var state = Sample.state(view, size: size)
        state.options.ascii = ascii
        change(&state)
        return render(state, size: size, zone: .utc).frame.text.split(separator: "\n").map(String.init)
    }

    private static let orders = FindingSubject.queue(.init(vhost: "/", name: "orders"))

    @Test("The header counts them in every view, and says nothing when there are none", arguments: ViewID.allCases)
    func count(_ view: ViewID) {
        let some = Self.lines(view) {
            $0.diagnosis = Diagnosis(recorded: [
                Self.finding(.critical, [Self.orders]), Self.finding(.warning, [], rule: .growingQueue),
            ])
        }
        #expect(some.prefix(1).contains { $0.contains("! 2 findings, 1 critical") })
        let none = Self.lines(view) { $0.diagnosis = Diagnosis() }
        #expect(!none.prefix(4).contains { $0.contains("finding") })
    }

    @Test("A rule that found more than are listed makes the number a lower bound")
    func lowerBound() {
        let some = Self.lines(.queues) { state in
            state.diagnosis = Diagnosis()
            state.diagnosis.examine(
                userRules: (0..<130).map { number in
                    Diagnosis.RuleMatch(
                        rule: 0, .warning, .cluster, place: "queue 'q\(number)'", what: "is long", advice: "")
                }, at: Sample.ago(0), isOver: { _, _ in true })
        }
        #expect(some.prefix(1).contains { $0.contains("! 100+ findings") })
    }

    @Test("The smallest header has a short count")
    func shortCount() {
        var state = Sample.state(.queues, size: Size(width: 40, height: 10))
        state.diagnosis = Diagnosis(recorded: [Self.finding(.warning, [])])
        let text = render(state, size: Size(width: 40, height: 10), zone: .utc).frame.text
        #expect(text.prefix { $0 != "\n" }.contains("!1"))
    }

    @Test("A row with a finding has a mark, and costs the others no column", arguments: [false, true])
    func mark(_ ascii: Bool) throws {
        let plain = Self.lines(.queues, ascii: ascii) { $0.diagnosis = Diagnosis() }
        let marked = Self.lines(.queues, ascii: ascii) {
            $0.diagnosis = Diagnosis(recorded: [Self.finding(.warning, [Self.orders])])
        }
        let row = try #require(plain.firstIndex { $0.contains(" orders ") })
        #expect(!plain[row].prefix(2).contains("!"))
        #expect(marked[row].prefix(2).dropFirst() == "!")
        #expect(marked[row].dropFirst(2) == plain[row].dropFirst(2), "nothing else moves")
        for (index, line) in marked.enumerated() where index != row && index > 4 { #expect(line == plain[index]) }
    }

    @Test("The mark has the colour of the severity, and is that of the worse of row and finding")
    func colour() {
        var state = Sample.state(.queues, size: Self.size)
        let row = QueueRow(id: Sample.orders)
        func role(_ severity: Finding.Severity?, _ row: QueueRow) -> Role? {
            state.diagnosis = Diagnosis(recorded: severity.map { [Self.finding($0, [Self.orders])] } ?? [])
            let canvas = Canvas(
                size: Self.size, theme: .mono, repertoire: .unicode, zone: .utc,
                now: state.now)
            return row.mark(LookContext(state, canvas))
        }
        #expect(role(nil, row) == nil)
        #expect(role(.warning, row) == .warning)
        #expect(role(.critical, row) == .critical)
        var down = row
        down.details = QueueDetails()
        down.details?.state = "down"
        #expect(role(.warning, down) == .critical)
    }

    @Test("The details say what is found, since when, and what to do")
    func details() {
        let text = Self.lines(.queues) { state in
            state.diagnosis = Diagnosis(recorded: [Self.finding(.critical, [Self.orders])])
            state.queues.selection = .queue(Sample.orders)
            state.isDetailOpen = true
            _ = update(&state, .tick, at: Sample.now)
        }.joined(separator: "\n")
        #expect(text.contains("queue 'orders' is full"))
        #expect(text.contains("2m05s ago"))
        #expect(text.contains("Consume faster."))
    }
}
