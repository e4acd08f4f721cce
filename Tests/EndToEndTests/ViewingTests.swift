import BrokerSupport
import Foundation
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("Looking at a broker")
    struct Viewing {
        @Test("The first view names the cluster, its version and its nodes")
        func firstView() async throws {
            let broker = try await TestBroker.shared()
            let overview = try await broker.management("GET", "overview")
            let cluster = try #require((overview.json as? [String: Any])?["cluster_name"] as? String)
            try await Deck.watch(broker) { deck in
                let picture = try await deck.wait(forText: "live every 1s")
                #expect(picture.header.hasPrefix(" \(cluster)  RabbitMQ 3."))
                #expect(picture.header.contains("1 node"))
                #expect(picture.text.contains("─ Busiest queues ─"))
                #expect(picture.text.contains("─ Nodes ─"))
                #expect(picture.footer.contains("? Help"))
            }
        }

        @Test("A thousand messages that somebody else publishes are on the screen within 1.2 s")
        func depthOfOthers() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            try await Deck.watch(broker, ["-V", vhost]) { deck in
                try await deck.press("2")
                try await deck.wait(for: "live queue") { $0.row("orders")?.contains("live") == true }
                async let published = broker.publish(1000, to: "orders", vhost: vhost)
                let seen: Date = try await deck.terminal.wait(for: "1,000 in READY") {
                    try await deck.picture().ready("orders") == 1000 ? Date() : nil
                }
                let delay = seen.timeIntervalSince(try await published)
                #expect(delay < 1.2, "READY came \(delay) s after the publisher had finished")
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("A filter shows what matches as it is typed, and Esc lets go of it")
        func filter() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            for name in ["apples", "pears", "plums"] { try await broker.declare(name, vhost: vhost) }
            try await Deck.watch(broker, ["-V", vhost, "--view", "queues"]) { deck in
                try await deck.wait(for: "queues") { $0.row("plums") != nil }
                try await deck.press("/")
                try await deck.type("pea")
                try await deck.wait(for: "matches alone") { $0.row("pears") != nil && $0.row("plums") == nil }
                try await deck.press("Enter")
                try await deck.wait(forText: #"filter "pea""#)
                try await deck.press("/", "C-u")
                try await deck.type("/^p/")
                try await deck.wait(for: "matches of the expression") {
                    $0.row("pears") != nil && $0.row("plums") != nil && $0.row("apples") == nil
                }
                try await deck.press("Enter")
                try await deck.wait(for: "end of typing") { $0.footer.contains("Filter") }
                try await deck.press("Escape")
                try await deck.wait(for: "everything") { $0.row("apples") != nil }
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("Columns sort: by depth at first, by the next one with >, turned round with I")
        func sort() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            let names = ["aaa", "bbb", "ccc"]
            for name in names { try await broker.declare(name, vhost: vhost) }
            try await broker.publish(2, to: "bbb", vhost: vhost)
            try await broker.publish(1, to: "ccc", vhost: vhost)
            try await Deck.watch(broker, ["-V", vhost, "--view", "queues"]) { deck in
                try await deck.wait(for: "order by READY") {
                    $0.text.contains("▼READY") && $0.order(names) == ["bbb", "ccc", "aaa"]
                }
                try await deck.press("I")
                try await deck.wait(for: "order turned") {
                    $0.text.contains("▲READY") && $0.order(names) == ["aaa", "ccc", "bbb"]
                }
                while try await !deck.picture().text.contains("NAME▲") {
                    let before = try await deck.picture().rows[6]
                    try await deck.press("<")
                    try await deck.wait(for: "another column", within: .seconds(5)) { $0.rows[6] != before }
                }
                try await deck.wait(for: "order by name") { $0.order(names) == names }
                try await deck.press("I")
                try await deck.wait(for: "names turned") { $0.order(names) == names.reversed() }
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("v chooses a virtual host")
        func vhost() async throws {
            let broker = try await TestBroker.shared()
            let first = try await broker.makeVhost("first")
            let second = try await broker.makeVhost("second")
            try await broker.declare("here", vhost: first)
            try await broker.declare("there", vhost: second)
            try await Deck.watch(broker, ["--view", "queues"]) { deck in
                try await deck.wait(for: "queues of all") { $0.row("here") != nil && $0.row("there") != nil }
                try await deck.press("v")
                try await deck.wait(for: "choice") {
                    $0.text.contains("Virtual host") && $0.text.contains("  \(second)")
                }
                while try await !deck.picture().text.contains("> \(second) ") {
                    let before = try await deck.picture()
                    try await deck.press("Down")
                    try await deck.wait(for: "next choice", within: .seconds(5)) { $0.text != before.text }
                }
                try await deck.press("Enter")
                try await deck.wait(for: "queues of one") {
                    $0.text.contains("vhost \(second)") && $0.row("there") != nil && $0.row("here") == nil
                }
            }
            try await broker.deleteVhost(first)
            try await broker.deleteVhost(second)
        }

        @Test("What is followed keeps its place on the screen while others overtake it")
        func follow() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            let names = (10..<40).map { "q\($0)" }
            for name in names { try await broker.declare(name, vhost: vhost) }
            try await Deck.watch(broker, ["-V", vhost, "--view", "queues"], height: 24) { deck in
                try await deck.wait(for: "queues") { $0.text.contains("/30") }
                try await deck.select("q20")
                try await deck.press("F")
                let before = try await deck.wait(forText: "following")
                let window = try #require(before.text.firstMatch(of: #/ \d+–\d+/30/#)?.output)
                for name in ["q37", "q38", "q39"] { try await broker.publish(1, to: name, vhost: vhost) }
                let after = try await deck.wait(for: "window that moves with it") {
                    !$0.text.contains(window) && $0.selected?.contains("q20") == true
                }
                #expect(after.selectedLine == before.selectedLine)
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("Z freezes the screen, says so, and lets it go on")
        func freeze() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            try await broker.declare("marker", vhost: vhost)
            try await Deck.watch(broker, ["-V", vhost, "--view", "queues"]) { deck in
                try await deck.wait(for: "live queue") { $0.row("orders")?.contains("live") == true }
                try await deck.press("Z")
                try await deck.wait(for: "word that it is frozen") { $0.header.contains("FROZEN") }
                try await broker.publish(25, to: "orders", vhost: vhost)
                // Another rabbittop, which starts only now, sees them: so would this one.
                try await Deck.watch(broker, ["-V", vhost, "--view", "queues"]) { other in
                    try await other.wait(for: "25") {
                        $0.ready("orders") == 25 && $0.row("orders")?.contains("live") == true
                    }
                }
                #expect(try await deck.picture().ready("orders") == 0)
                try await deck.wait(for: "time of the frost") { $0.header.firstMatch(of: #/[1-9]s /#) != nil }
                #expect(try await deck.picture().ready("orders") == 0)
                try await deck.press("Z")
                try await deck.wait(forReady: 25, of: "orders")
                let later1 = try await deck.picture()
                #expect(!later1.header.contains("FROZEN"))
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("Enter opens details and leads on, from the queue to its connection; Esc leads back")
        func drillDown() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            try await Pika.consume(broker, vhost: vhost, queue: "orders", name: "drill") { _ in
                try await Deck.watch(broker, ["-V", vhost, "--view", "queues"]) { deck in
                    try await deck.wait(for: "consumer of pika") { $0.number("CONS", of: "orders") == "1" }
                    try await deck.press("Enter")
                    let detail = try await deck.wait(for: "details") { $0.text.contains("─ queue orders ─") }
                    #expect(detail.text.contains("─ Depth ─"))
                    try await deck.press("Enter")
                    try await deck.wait(for: "consumers") {
                        $0.text.contains("Queues › orders › Consumers") && $0.selected?.contains("orders") == true
                    }
                    try await deck.press("Enter")
                    try await deck.wait(forText: "─ consumer ctag1.")
                    try await deck.press("Enter")
                    try await deck.wait(for: "channel") {
                        $0.rows[5].contains("› Channel") && $0.selected?.contains("drill") == true
                    }
                    try await deck.press("Enter")
                    try await deck.wait(forText: "─ channel 1")
                    try await deck.press("Enter")
                    try await deck.wait(for: "connection") {
                        $0.rows[5].contains("› Connection") && $0.selected?.contains("drill") == true
                    }
                    for (place, condition) in [
                        ("channels", { (picture: Picture) in picture.rows[5].contains("› Channels") }),
                        ("consumers", { $0.rows[5].contains("› Consumers") && !$0.rows[5].contains("Channels") }),
                        ("queues", { $0.rows[5].hasPrefix(" Queues  ") }),
                    ] {
                        for _ in 0..<3 where try await !condition(deck.picture()) {
                            let before = try await deck.picture().text
                            try await deck.press("Escape")
                            try await deck.wait(for: "way back to \(place)", within: .seconds(5)) { $0.text != before }
                        }
                        try await deck.wait(for: place, within: .seconds(5), until: condition)
                    }
                }
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("? lists every key, and closes again")
        func help() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            try await Deck.watch(broker, ["--view", "queues", "-V", vhost], height: 100) { deck in
                // What works on a queue is a key where one is selected.
                try await deck.wait(for: "selected queue") { $0.row("orders")?.hasPrefix(">") == true }
                try await deck.press("?")
                let help = try await deck.wait(forText: "─ Keys ─")
                for words in [
                    "Show queues", "Throw away all ready messages", "Delete the queue", "Freeze the screen", "Quit",
                ] {
                    #expect(help.text.contains(words))
                }
                try await deck.press("?")
                try await deck.wait(for: "end of the help") { !$0.text.contains("─ Keys ─") }
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("Every size is drawn, and what is too small says so and comes back")
        func sizes() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            try await Deck.watch(broker, ["-V", vhost, "--view", "queues"]) { deck in
                try await deck.wait(for: "queue") { $0.row("orders") != nil }
                for (width, height) in [(40, 10), (300, 100), (80, 24)] {
                    try await deck.terminal.resize(width: width, height: height)
                    try await deck.wait(for: "picture of \(width)x\(height)") { picture in
                        picture.text.contains("orders")
                            && picture.rows.prefix { !$0.contains("q Quit") }.count
                                == height - 1
                            && picture.rows.contains { $0.count > width * 3 / 4 }
                            && picture.rows.allSatisfy { $0.count <= width }
                    }
                }
                try await deck.terminal.resize(width: 39, height: 9)
                try await deck.wait(forText: "rabbittop needs 40x10; this is 39x9")
                try await deck.terminal.resize(width: 120, height: 40)
                try await deck.wait(for: "queue again") { $0.row("orders") != nil && $0.footer.contains("q Quit") }
                #expect(try await deck.terminal.exitStatus() == nil)
            }
            try await broker.deleteVhost(vhost)
        }
    }
}
