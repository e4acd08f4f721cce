import Faults
import Foundation
import Testing

@testable import TopCore

@Suite("Rules of the configuration are findings in the dashboard")
struct UserRuleTests {
    private func watching(_ rules: [(String, ViewRule.Severity)]) throws -> State {
        let rules = try rules.map { try ViewRule($0.0, severity: $0.1) }
        return makeState { $0.rules = rules }
    }

    private func pass(_ seconds: Int, from start: Int, in state: inout State) {
        for second in start..<(start + seconds) { state.send(.tick, at: noon.addingTimeInterval(Double(second))) }
    }

    @Test("A row for which a rule holds is a finding with where and since when, and over when it holds no more")
    func beginsAndEnds() throws {
        var state = try watching([("queues: ready > 10 and consumers = 0", .critical)])
        state.send(bulk([depth("a", ready: 11, consumers: 0), depth("b", ready: 5, consumers: 0)]))
        pass(6, from: 0, in: &state)
        let finding = try #require(state.diagnosis.findings.first { $0.rule == .userRule })
        #expect(finding.severity == .critical)
        #expect(finding.where == "queue 'a'")
        #expect(finding.what == "has ready 11, consumers 0")
        #expect(finding.since != nil)
        #expect(state.ledger.entries.contains { $0.kind == .finding && $0.severity == .critical })
        #expect(state.diagnosis.findings.count { $0.rule == .userRule } == 1)
        state.send(bulk([depth("a", ready: 3, consumers: 0)], at: noon.addingTimeInterval(6)))
        pass(6, from: 6, in: &state)
        #expect(!state.diagnosis.findings.contains { $0.rule == .userRule })
        #expect(state.ledger.entries.last?.text.hasPrefix("over: queue 'a'") == true)
    }

    @Test("What is not known neither begins a finding nor ends one")
    func unknown() throws {
        var state = try watching([("queues: consumers = 0", .warning)])
        state.send(bulk([depth("a", ready: 1)]))
        pass(6, from: 0, in: &state)
        #expect(!state.diagnosis.findings.contains { $0.rule == .userRule })
    }

    @Test("Several rules of one view have findings of their own, also about one row")
    func several() throws {
        var state = try watching([("queues: ready > 1", .warning), ("queues: ready > 2", .critical)])
        state.send(bulk([depth("a", ready: 3)]))
        pass(12, from: 0, in: &state)
        let places = state.diagnosis.findings.filter { $0.rule == .userRule }.map(\.where)
        #expect(Set(places) == ["queue 'a' (rule 1)", "queue 'a' (rule 2)"])
    }
}
