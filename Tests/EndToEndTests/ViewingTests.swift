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
            try await DashboardTerminal.watch(broker) { dashboard in
                let picture = try await dashboard.wait(forText: "live every 1s")
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
            try await DashboardTerminal.watch(broker, ["-V", vhost]) { dashboard in
                try await dashboard.press("2")
                try await dashboard.wait(for: "live queue") { $0.row("orders")?.contains("live") == true }
                async let published = broker.publish(1000, to: "orders", vhost: vhost)
                let seen: Date = try await dashboard.terminal.wait(for: "1,000 in READY") {
                    let picture = try await dashboard.picture()
                    return picture.ready("orders") == 1000 && picture.row("orders")?.hasSuffix(" live") == true
                        ? Date() : nil
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
            try await DashboardTerminal.watch(broker, ["-V", vhost, "--view", "queues"]) { dashboard in
                try await dashboard.wait(for: "queues") { $0.row("plums") != nil }
                try await dashboard.press("/")
                try await dashboard.type("pea")
                try await dashboard.wait(for: "matches alone") { $0.row("pears") != nil && $0.row("plums") == nil }
                try await dashboard.press("Enter")
                try await dashboard.wait(forText: #"filter "pea""#)
                try await dashboard.press("/", "C-u")
                try await dashboard.type("/^p/")
                try await dashboard.wait(for: "matches of the expression") {
                    $0.row("pears") != nil && $0.row("plums") != nil && $0.row("apples") == nil
                }
                try await dashboard.press("Enter")
                try await dashboard.wait(for: "end of typing") { $0.footer.contains("Filter") }
                try await dashboard.press("Escape")
                try await dashboard.wait(for: "everything") { $0.row("apples") != nil }
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
            try await DashboardTerminal.watch(broker, ["-V", vhost, "--view", "queues"]) { dashboard in
                try await dashboard.wait(for: "order by READY") {
                    $0.text.contains("▼READY") && $0.order(names) == ["bbb", "ccc", "aaa"]
                }
                try await dashboard.press("I")
                try await dashboard.wait(for: "order turned") {
                    $0.text.contains("▲READY") && $0.order(names) == ["aaa", "ccc", "bbb"]
                }
                while try await !dashboard.picture().text.contains("NAME▲") {
                    let before = try await dashboard.picture().rows[6]
                    try await dashboard.press("<")
                    try await dashboard.wait(for: "another column", within: .seconds(5)) { $0.rows[6] != before }
                }
                try await dashboard.wait(for: "order by name") { $0.order(names) == names }
                try await dashboard.press("I")
                try await dashboard.wait(for: "names turned") { $0.order(names) == names.reversed() }
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
            try await DashboardTerminal.watch(broker, ["--view", "queues"]) { dashboard in
                try await dashboard.wait(for: "queues of all") { $0.row("here") != nil && $0.row("there") != nil }
                try await dashboard.press("v")
                try await dashboard.wait(for: "choice") {
                    $0.text.contains("Virtual host") && $0.text.contains("  \(second)")
                }
                while try await !dashboard.picture().text.contains("> \(second) ") {
                    let before = try await dashboard.picture()
                    try await dashboard.press("Down")
                    try await dashboard.wait(for: "next choice", within: .seconds(5)) { $0.text != before.text }
                }
                try await dashboard.press("Enter")
                try await dashboard.wait(for: "queues of one") {
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
            try await DashboardTerminal.watch(broker, ["-V", vhost, "--view", "queues"], height: 24) { dashboard in
                try await dashboard.wait(for: "queues") { $0.text.contains("/30") }
                try await dashboard.select("q20")
                try await dashboard.press("F")
                let before = try await dashboard.wait(forText: "following")
                let window = try #require(before.text.firstMatch(of: #/ \d+–\d+/30/#)?.output)
                for name in ["q37", "q38", "q39"] { try await broker.publish(1, to: name, vhost: vhost) }
                let after = try await dashboard.wait(for: "window that moves with it") {
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
            try await DashboardTerminal.watch(broker, ["-V", vhost, "--view", "queues"]) { dashboard in
                try await dashboard.wait(for: "live queue") { $0.row("orders")?.contains("live") == true }
                try await dashboard.press("Z")
                try await dashboard.wait(for: "word that it is frozen") { $0.header.contains("FROZEN") }
                try await broker.publish(25, to: "orders", vhost: vhost)
                // Another rabbittop, which starts only now, sees them: so would this one.
                try await DashboardTerminal.watch(broker, ["-V", vhost, "--view", "queues"]) { other in
                    try await other.wait(for: "25") {
                        $0.ready("orders") == 25 && $0.row("orders")?.contains("live") == true
                    }
                }
                #expect(try await dashboard.picture().ready("orders") == 0)
                try await dashboard.wait(for: "time of the frost") { $0.header.firstMatch(of: #/[1-9]s /#) != nil }
                #expect(try await dashboard.picture().ready("orders") == 0)
                try await dashboard.press("Z")
                try await dashboard.wait(forReady: 25, of: "orders")
                let later1 = try await dashboard.picture()
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
                try await DashboardTerminal.watch(broker, ["-V", vhost, "--view", "queues"]) { dashboard in
                    try await dashboard.wait(for: "consumer of pika") { $0.number("CONS", of: "orders") == "1" }
                    try await dashboard.press("Enter")
                    let detail = try await dashboard.wait(for: "details") { $0.text.contains("─ queue orders ─") }
                    #expect(detail.text.contains("─ Depth "))
                    try await dashboard.press("Enter")
                    // The broker does not report the channel of a consumer that has just begun.
                    try await dashboard.wait(for: "consumer's channel") {
                        $0.text.contains("Queues › orders › Consumers") && $0.selected?.contains("orders") == true
                            && $0.selected?.firstMatch(of: #/ 1 +7 /#) != nil
                    }
                    try await dashboard.press("Enter")
                    try await dashboard.wait(forText: "─ consumer ctag1.")
                    try await dashboard.press("Enter")
                    try await dashboard.wait(for: "channel") {
                        $0.rows[5].contains("› Channel") && $0.selected?.contains("drill") == true
                    }
                    try await dashboard.press("Enter")
                    try await dashboard.wait(forText: "─ channel 1")
                    try await dashboard.press("Enter")
                    try await dashboard.wait(for: "connection") {
                        $0.rows[5].contains("› Connection") && $0.selected?.contains("drill") == true
                    }
                    for (place, condition) in [
                        ("channels", { (picture: ScreenCapture) in picture.rows[5].contains("› Channels") }),
                        ("consumers", { $0.rows[5].contains("› Consumers") && !$0.rows[5].contains("Channels") }),
                        ("queues", { $0.rows[5].hasPrefix(" Queues  ") }),
                    ] {
                        for _ in 0..<3 where try await !condition(dashboard.picture()) {
                            let before = try await dashboard.picture().text
                            try await dashboard.press("Escape")
                            try await dashboard.wait(for: "way back to \(place)", within: .seconds(5)) {
                                $0.text != before
                            }
                        }
                        try await dashboard.wait(for: place, within: .seconds(5), until: condition)
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
            try await DashboardTerminal.watch(broker, ["--view", "queues", "-V", vhost], height: 100) { dashboard in
                // What works on a queue is a key where one is selected.
                try await dashboard.wait(for: "selected queue") { $0.row("orders")?.hasPrefix(">") == true }
                try await dashboard.press("?")
                let help = try await dashboard.wait(forText: "─ Keys ─")
                for words in [
                    "Show queues", "Throw away all ready messages", "Delete the queue", "Freeze the screen", "Quit",
                ] {
                    #expect(help.text.contains(words))
                }
                try await dashboard.press("?")
                try await dashboard.wait(for: "end of the help") { !$0.text.contains("─ Keys ─") }
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("Every size is drawn, and what is too small says so and comes back")
        func sizes() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            try await DashboardTerminal.watch(broker, ["-V", vhost, "--view", "queues"]) { dashboard in
                try await dashboard.wait(for: "queue") { $0.row("orders") != nil }
                for (width, height) in [(40, 10), (300, 100), (80, 24)] {
                    try await dashboard.terminal.resize(width: width, height: height)
                    try await dashboard.wait(for: "picture of \(width)x\(height)") { picture in
                        picture.text.contains("orders")
                            && picture.rows.prefix { !$0.contains("q Quit") }.count
                                == height - 1
                            && picture.rows.contains { $0.count > width * 3 / 4 }
                            && picture.rows.allSatisfy { $0.count <= width }
                    }
                }
                try await dashboard.terminal.resize(width: 39, height: 9)
                try await dashboard.wait(forText: "rabbittop needs 40x10; this is 39x9")
                try await dashboard.terminal.resize(width: 120, height: 40)
                try await dashboard.wait(for: "queue again") { $0.row("orders") != nil && $0.footer.contains("q Quit") }
                #expect(try await dashboard.terminal.exitStatus() == nil)
            }
            try await broker.deleteVhost(vhost)
        }
    }
}
