import BrokerSupport
import Foundation
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("Live depths, and queues of every kind")
    struct Live {
        @Test("Queues of three vhosts are live at once, a stream and a quorum queue among them")
        func kinds() async throws {
            let broker = try await TestBroker.shared()
            var vhosts: [String] = []
            for _ in 0..<3 { vhosts.append(try await broker.makeVhost("live")) }
            try await broker.declare("plain", vhost: vhosts[0])
            try await broker.declare(
                "history", vhost: vhosts[1], #"{"durable":true,"arguments":{"x-queue-type":"stream"}}"#)
            try await broker.declare(
                "ledger", vhost: vhosts[2], #"{"durable":true,"arguments":{"x-queue-type":"quorum"}}"#)
            try await DashboardTerminal.watch(broker, ["--view", "queues"]) { dashboard in
                try await dashboard.press("/")
                try await dashboard.type("/plain|history|ledger/")
                try await dashboard.press("Enter")
                for name in ["plain", "history", "ledger"] {
                    try await dashboard.wait(for: "\(name) live") { $0.row(name)?.hasSuffix(" live") == true }
                }
                let picture = try await dashboard.picture()
                #expect(picture.row("history")?.contains(" stream ") == true)
                #expect(picture.row("ledger")?.contains(" quorum ") == true)
                for (vhost, name) in zip(vhosts, ["plain", "history", "ledger"]) {
                    try await broker.publish(30, to: name, vhost: vhost)
                    try await dashboard.wait(for: "30 in \(name)") { $0.number("MESSAGES", of: name) == "30" }
                }
            }
            for vhost in vhosts { try await broker.deleteVhost(vhost) }
        }

        @Test("An exclusive queue of somebody else is shown, and what is asked of others stays live beside it")
        func exclusive() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            let script = """
                import pika, sys
                connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
                channel = connection.channel()
                channel.queue_declare('mine', exclusive=True)
                channel.basic_publish('', 'mine', b'1')
                channel.basic_consume('orders', lambda *_: channel.stop_consuming(), auto_ack=True)
                channel.start_consuming()
                connection.close()
                """
            let uri = broker.uri(vhost)
            let owner = Task { try await Python.run(script, arguments: [uri]) }
            defer { owner.cancel() }
            try await DashboardTerminal.watch(broker, ["-V", vhost, "--view", "queues"]) { dashboard in
                try await dashboard.wait(for: "both") { picture in
                    picture.ready("mine") == 1 && picture.row("orders")?.hasSuffix(" live") == true
                }
                try await dashboard.press("8")
                try await dashboard.wait(forText: "Events")
                let later1 = try await dashboard.picture()
                #expect(!later1.text.contains(" 405 "), "what we ask is no news")
                try await dashboard.press("2")
                // Its owner ends, and the queue with it.
                try await broker.publish(1, to: "orders", vhost: vhost)
                _ = try await owner.value
                try await dashboard.wait(for: "table without the exclusive queue") {
                    $0.row("mine") == nil && $0.row("orders")?.hasSuffix(" live") == true
                }
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("A queue with x-expires that is watched expires all the same, and its row leaves")
        func expires() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            try await broker.declare("brief", vhost: vhost, #"{"arguments":{"x-expires":13000}}"#)
            let declared = ContinuousClock.now
            try await DashboardTerminal.watch(broker, ["-V", vhost, "--view", "queues"]) { dashboard in
                // Its neighbour is asked for by AMQP; asking for this one so would keep it alive.
                try await dashboard.wait(for: "both queues", within: .seconds(12)) {
                    $0.row("orders")?.hasSuffix(" live") == true && $0.row("brief") != nil
                }
                let gone: Duration = try await dashboard.terminal.wait(for: "end of the queue", within: .seconds(25)) {
                    let status = try await broker.management("GET", "queues/\(vhost)/brief?disable_stats=true").status
                    return status == 404 ? ContinuousClock.now - declared : nil
                }
                #expect(gone < .seconds(17), "the queue lived for \(gone)")
                try await dashboard.wait(for: "table without it") { $0.row("brief") == nil && $0.row("orders") != nil }
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("A queue that somebody deletes leaves the screen, and the others go on")
        func deleted() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            for name in ["going", "staying"] { try await broker.declare(name, vhost: vhost) }
            try await DashboardTerminal.watch(broker, ["-V", vhost, "--view", "queues"]) { dashboard in
                try await dashboard.wait(for: "queues") { picture in
                    ["going", "staying"].allSatisfy { picture.row($0)?.hasSuffix(" live") == true }
                }
                _ = try await broker.management("DELETE", "queues/\(vhost)/going")
                try await dashboard.wait(for: "table without it") { $0.row("going") == nil }
                try await broker.publish(3, to: "staying", vhost: vhost)
                let picture = try await dashboard.wait(forReady: 3, of: "staying")
                #expect(picture.row("staying")?.hasSuffix(" live") == true)
                try await dashboard.press("8")
                try await dashboard.wait(forText: "Events")
                let later2 = try await dashboard.picture()
                #expect(!later2.text.contains(" 404 "), "what we ask is no news")
            }
            try await broker.deleteVhost(vhost)
        }
    }
}
