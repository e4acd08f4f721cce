import Foundation
import Names
import Screen
import Testing

@testable import TopCore

/// The clusters of the configuration: the list, and switching.
@Suite struct ClusterTests {
    private func state() -> State {
        var options = State.Options()
        options.clusters = ["prod", "test"]
        options.cluster = "prod"
        return State(size: Size(width: 120, height: 40), options: options, now: noon)
    }

    private func press(_ state: inout State, _ keys: [Key]) -> [Action] {
        keys.flatMap { update(&state, .key($0), at: noon) }.filter {
            if case .watch = $0 { false } else { true }
        }
    }

    private func summary(_ name: Name, at: Date? = noon, problem: String? = nil) -> ClusterSummary {
        var summary = ClusterSummary(name: name)
        summary.at = at
        summary.version = at == nil ? nil : "4.0.5"
        (summary.nodes, summary.runningNodes, summary.messages, summary.alarms) = (3, 2, 1_234, 0)
        (summary.critical, summary.warnings) = (1, 0)
        summary.problem = problem
        return summary
    }

    private func hints(_ state: State) -> [String] {
        guard case .picker(let picker)? = state.overlay else { return [] }
        return picker.choices.map(\.hint)
    }

    @Test func clustersAreAskedWhileTheyAreShown() {
        var state = state()
        #expect(press(&state, [.character("N")]) == [.watchClusters(true)])
        #expect(hints(state) == ["asking…", "asking…"])
        _ = update(&state, .clusters([summary("test")]), at: later(3))
        #expect(hints(state)[1] == "1 critical  4.0.5  2/3 nodes  1,234 msgs  no alarm  3s ago")
        #expect(press(&state, [.escape]) == [.watchClusters(false)])
        #expect(state.overlay == nil)
    }

    @Test func whatDoesNotAnswerIsUnknownWithTheReason() {
        var state = state()
        _ = press(&state, [.character("N")])
        _ = update(&state, .clusters([summary("test", at: nil, problem: "connection refused")]), at: noon)
        #expect(hints(state)[1] == "unknown: connection refused")
        // What was known before stays, and is marked.
        _ = update(&state, .clusters([summary("test")]), at: noon)
        _ = update(&state, .clusters([summary("test", at: nil, problem: "connection refused")]), at: later(20))
        #expect(hints(state)[1].hasPrefix("no answer"))
        #expect(hints(state)[1].hasSuffix("20s ago"))
    }

    @Test func aSummaryCountsWhatTheNodesTell() {
        var part = ClusterPart(at: noon, version: "4.0.5")
        part.nodes = [NodeRow(name: "rabbit@a", running: false)]
        #expect(ClusterSummary(name: "x", part).critical == 1)
        // A user that may not list the nodes learns nothing of their health.
        part.nodes = []
        #expect(ClusterSummary(name: "x", part).critical == nil)
    }

    @Test func enterGoesToACluster() {
        var state = state()
        #expect(press(&state, [.character("N"), .down, .enter]).contains(.switchCluster("test")))
        #expect(state.overlay == nil)
        #expect(update(&state, .clusterChange(.ready("test")), at: noon).contains(.enterCluster("test")))
    }

    @Test func aRefusalIsSaidAndNothingChanges() {
        var state = state()
        let actions = update(
            &state, .clusterChange(.refused("test", why: "the configuration has no password for ops")), at: noon)
        #expect(!actions.contains(.enterCluster("test")))
        #expect(state.notice?.text == "test: the configuration has no password for ops")
    }

    @Test func whatWouldEndIsAskedAboutAndCancelIsTheDefault() {
        var state = state()
        _ = state.start(
            .publish(PublishRequest(vhost: "/", exchange: "", routingKey: "q", count: nil, rate: 1, body: .size(1))))
        #expect(state.switchCluster(to: "test").isEmpty)
        guard case .picker(let picker)? = state.overlay else {
            Issue.record("no question")
            return
        }
        #expect(picker.lines == ["stops: publish to q"])
        #expect(picker.choices[picker.selected].label == "Cancel")
        #expect(press(&state, [.enter]).isEmpty)
        #expect(state.overlay == nil)
        _ = state.switchCluster(to: "test")
        #expect(press(&state, [.down, .enter]) == [.switchCluster("test")])
    }

    @Test func namesOutsideTheConfigurationAreRefused() {
        var state = state()
        #expect(state.switchCluster(to: "staging").isEmpty)
        #expect(state.notice?.text == "The configuration has no cluster staging; it has prod, test")
        #expect(state.switchCluster(to: "prod").isEmpty)
        #expect(state.notice?.text == "prod is shown already")
    }

    @Test func withoutClustersTheKeySaysHowToNameThem() {
        var state = State(size: Size(width: 80, height: 24), now: noon)
        #expect(press(&state, [.character("N")]).isEmpty)
        #expect(state.overlay == nil)
        #expect(state.notice?.text.contains("~/.rabbitmqadmin.conf") == true)
    }
}
