import Faults
import Foundation
import Names
import Testing

@Suite struct NodeRuleTests {
    private func found(_ rule: DiagnosisRule, _ change: (inout DiagnosisFacts.NodeFacts) -> Void) -> [Finding] {
        var watch = Watch()
        watch.see { facts, _ in facts.nodes = .init([nodeFacts("a", change)]) }
        return watch.findings(rule)
    }

    @Test func aNodeNearItsMemoryLimitIsFoundBeforeTheAlarm() throws {
        let finding = try #require(found(.nodeLimit) { ($0.memory, $0.memoryLimit) = (955, 1_000) }.first)
        #expect(finding.what == "uses 95% of its memory limit; above it the broker takes no messages")
        #expect(finding.where == "memory of node a")
        #expect(finding.subjects == [.node("a")])
        #expect(found(.nodeLimit) { ($0.memory, $0.memoryLimit) = (899, 1_000) }.isEmpty)
        #expect(
            found(.nodeLimit) { ($0.memory, $0.memoryLimit, $0.memoryAlarm) = (1_100, 1_000, true) }.isEmpty,
            "the alarm tells it")
        #expect(found(.nodeLimit) { $0.memory = 955 }.isEmpty, "the limit is unknown")
    }

    @Test func aNodeNearItsDiskLimitIsFoundBeforeTheAlarm() {
        #expect(
            found(.nodeLimit) { ($0.diskFree, $0.diskFreeLimit) = (140, 100) }.map(\.what)
                == ["has 1.4 times its disk limit free; below the limit the broker takes no messages"])
        #expect(found(.nodeLimit) { ($0.diskFree, $0.diskFreeLimit) = (150, 100) }.isEmpty)
    }

    @Test func aDiskThatFillsTellsWhen() throws {
        func fill(by perStep: Int) -> [Finding] {
            var watch = Watch()
            watch.see(16, every: 10) { facts, step in
                facts.nodes = .init([
                    nodeFacts { ($0.diskFree, $0.diskFreeLimit) = (10_000_000 - step * perStep, 1_000_000) }
                ])
            }
            return watch.findings(.fillsUp)
        }
        #expect(
            fill(by: 100_000).map(\.what)
                == ["reaches its disk limit in about 12 min, as the last minutes went"])
        #expect(fill(by: 1_000).isEmpty, "that takes longer than an hour")
        #expect(fill(by: -1_000).isEmpty)
    }

    @Test func maintenanceAndStoppedVhostsAreFoundAndEnd() {
        var watch = Watch()
        watch.see { facts, _ in
            facts.nodes = .init([nodeFacts { $0.isInMaintenance = true }])
            facts.stoppedVhosts = .init([.init(name: "shop", node: "a", state: "stopped")])
        }
        #expect(watch.findings(.maintenance).map(\.severity) == [.warning])
        #expect(watch.findings(.vhostState).map(\.what) == ["is not running: stopped on a"])
        #expect(watch.findings(.vhostState).map(\.where) == ["vhost 'shop'"])
        let over = watch.see { facts, _ in
            facts.nodes = .init([nodeFacts { $0.isInMaintenance = nil }])
            facts.stoppedVhosts = .init([])
        }
        #expect(Set(over.cleared.map(\.rule)) == [.maintenance, .vhostState])
    }

    @Test func aSlowPaceOfTheListsDoesNotForgetWhatTheyTell() {
        var watch = Watch()
        let rows = [
            channelFacts(1) {
                $0.unacked = 10
                $0.prefetch = 10
            }
        ]
        watch.see(4, every: 120) { facts, _ in facts.channels = .init(rows) }
        #expect(watch.findings(.fullPrefetch).count == 1)
        watch.see(1, every: 120) { _, _ in }
        #expect(watch.findings(.fullPrefetch).count == 1, "the next list is not due before two minutes")
    }

    @Test func whatTheBrokerItselfTellsOfTheTimeIsBelievedAtOnce() {
        var watch = Watch()
        let changes = watch.see { facts, _ in
            facts.channels = .init([
                channelFacts(1) {
                    $0.unacked = 10
                    $0.prefetch = 10
                    $0.idleSince = watchStart - 11
                }
            ])
        }
        #expect(changes.appeared.map(\.rule) == [.fullPrefetch])
        #expect(changes.appeared.map(\.since) == [watchStart - 11])
    }
}
