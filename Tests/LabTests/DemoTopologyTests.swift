import Foundation
import Testing

@testable import Lab

@Suite struct DemoTopologyTests {
    private let topology = DemoTopology.demo

    @Test func threeVirtualHostsWithQueuesOfEveryKind() {
        #expect(topology.virtualHosts.map(\.name) == ["/", "shop", "物流"])
        let queues = topology.virtualHosts.flatMap(\.queues)
        #expect(queues.count >= 20)
        #expect(Set(queues.map(\.kind)) == Set(DemoTopology.Queue.Kind.allCases))
        #expect(queues.contains { $0.isExclusive })
        for argument in [
            "x-expires", "x-overflow", "x-max-priority", "x-message-ttl", "x-dead-letter-exchange", "x-delivery-limit",
        ] {
            #expect(queues.contains { $0.arguments[argument] != nil }, "\(argument)")
        }
        let exchanges = topology.virtualHosts.flatMap(\.exchanges)
        #expect(Set(exchanges.map(\.kind)) == Set(DemoTopology.Exchange.Kind.allCases))
    }

    @Test func namesAreUniqueShortAndInManyScripts() {
        for host in topology.virtualHosts {
            #expect(Set(host.queues.map(\.name)).count == host.queues.count)
            #expect(Set(host.exchanges.map(\.name)).count == host.exchanges.count)
            for name in host.queues.map(\.name) + host.exchanges.map(\.name) + host.bindings.map(\.routingKey) {
                #expect(name.utf8.count <= 255 && !name.hasPrefix("amq."))
            }
        }
        let text = topology.virtualHosts.flatMap { [$0.name] + $0.queues.map(\.name) }.joined().unicodeScalars
        let scripts: [ClosedRange<UInt32>] = [
            0x4E00...0x9FFF, 0x0400...0x04FF, 0x0600...0x06FF, 0x00C0...0x00FF, 0x1F300...0x1FAFF,
        ]
        for script in scripts {
            #expect(text.contains { script.contains($0.value) }, "nothing from \(String(script.lowerBound, radix: 16))")
        }
        #expect(Set(DemoApplication.demo.map(\.name)).count == DemoApplication.demo.count)
    }

    @Test func bindingsJoinWhatIsThere() {
        for host in topology.virtualHosts {
            for binding in host.bindings {
                #expect(host.exchange(binding.source) != nil, "\(binding)")
                switch binding.destination {
                case .queue(let name): #expect(host.queue(name) != nil, "\(binding)")
                case .exchange(let name): #expect(host.exchange(name) != nil, "\(binding)")
                }
            }
            #expect(
                host.permissions.allSatisfy { who in
                    topology.users.contains { $0.name == who.user } || who.user == "guest"
                })
            for queue in host.queues {
                if let letters = queue.arguments["x-dead-letter-exchange"]?.stringValue, !letters.isEmpty {
                    #expect(host.exchange(letters) != nil, "\(queue.name)")
                }
            }
        }
        #expect(
            topology.virtualHosts.flatMap(\.bindings).contains {
                if case .exchange = $0.destination { true } else { false }
            })
    }

    /// A demo left alone over night does not fill the disk.
    @Test func everyQueueIsBounded() {
        for host in topology.virtualHosts {
            for queue in host.queues where !queue.isExclusive {
                let limits = ["x-max-length", "x-max-length-bytes", "x-message-ttl"]
                let byPolicy = host.policies.contains { policy in
                    policy.definition["max-length"] != nil
                        && queue.name.range(of: policy.pattern, options: .regularExpression) != nil
                }
                #expect(byPolicy || limits.contains { queue.arguments[$0] != nil }, "\(queue.name) has no limit")
            }
        }
    }

    @Test func definitionsHoldEverythingButExclusiveQueues() throws {
        let json = try #require(
            try JSONSerialization.jsonObject(with: topology.definitions()) as? [String: [[String: Any]]])
        let all = topology.virtualHosts.flatMap { host in host.queues.map { (host.name, $0) } }
        let queues = try #require(json["queues"])
        #expect(queues.count == all.filter { !$0.1.isExclusive }.count)
        #expect(json["vhosts"]?.count == 3)
        #expect(json["exchanges"]?.count == topology.virtualHosts.flatMap(\.exchanges).count)
        let audit = try #require(queues.first { $0["name"] as? String == "orders.audit" })
        #expect(audit["vhost"] as? String == "shop")
        let arguments = try #require(audit["arguments"] as? [String: Any])
        #expect(arguments["x-queue-type"] as? String == "stream")
        #expect(arguments["x-max-length-bytes"] as? Int == 20_000_000)
        #expect(json["bindings"]?.contains { $0["destination"] as? String == "dashboard.live" } == false)
        #expect(
            json["bindings"]?.contains {
                $0["destination_type"] as? String == "exchange" && $0["destination"] as? String == "orders.archive"
            } == true)
    }

    @Test func aPartIsWhatFeedsIt() throws {
        let shop = try #require(topology.virtualHost("shop"))
        let part = shop.part(queues: ["orders.audit"], exchanges: [])
        #expect(part.queues.map(\.name) == ["orders.audit"])
        #expect(Set(part.exchanges.map(\.name)) == ["orders", "orders.archive"])
        #expect(part.bindings.count == 2)
        #expect(part.declarations.count == 5)
        if case .exchange = part.declarations.first {} else { Issue.record("exchanges come first") }
    }
}
