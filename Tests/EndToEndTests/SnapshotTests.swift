import BrokerSupport
import Foundation
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("rabbittop snapshot")
    struct Snapshot {
        /// What each view's rows have, as INTERFACE promises it to scripts.
        static let keys: [String: String] = [
            "overview":
                "ready,unacked,messages,publish_rate,deliver_rate,ack_rate,connections,channels,queues,consumers,"
                + "exchanges,alarms,nodes_running,nodes",
            "nodes":
                "name,running,version,memory,memory_limit,memory_alarm,disk_free,disk_free_limit,disk_alarm,fds,"
                + "fds_limit,sockets,processes,uptime_s,maintenance",
            "queues":
                "vhost,name,type,state,node,messages,ready,unacked,consumers,publish_rate,deliver_rate,ack_rate,"
                + "redeliver_rate,memory,policy,dead_letter_exchange,idle_since,depth_source,depth_age_s",
            "connections":
                "name,client_name,user,vhost,state,peer,channels,heartbeat,recv_rate,send_rate,protocol,node,"
                + "connected_at,proxy_session",
            "channels":
                "connection,client_name,number,user,peer,vhost,state,prefetch,unacked,unconfirmed,consumers,"
                + "confirm,publish_rate,deliver_rate,local,proxy_session,proxy_unacked,proxy_unconfirmed,last_error",
            "consumers":
                "vhost,queue,client_name,tag,connection,channel,user,peer,prefetch,unacked,prefetch_use,deliver_rate,"
                + "ack_rate,idle_since,ack_required,exclusive,active,priority,offset_lag",
            "exchanges":
                "vhost,name,type,durable,auto_delete,internal,bindings_out,publish_in_rate,publish_out_rate,policy",
            "client":
                "connection,name,state,channel,channel_state,in_flight,unconfirmed,unacked,consumers,"
                + "last_error_code,last_error_text,broker_agrees",
            "events":
                "at,kind,scope,connection,client_name,user,vhost,peer,channel,queue,code,code_name,text,class,method,"
                + "source,fault,application,seconds,redelivered,channels_reopened,severity",
        ]

        private func names(_ view: String) throws -> [String] {
            try #require(Self.keys[view]).split(separator: ",").map(String.init)
        }

        private func object(_ text: String) throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        }

        @Test("Every view, in every format, with the promised keys")
        func views() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            try await Pika.consume(broker, vhost: vhost, queue: "orders", name: "snapshot") { _ in
                let deadline = ContinuousClock.now + .seconds(20)
                while true {
                    let output = try await Rabbittop.run(
                        ["snapshot"] + broker.options + ["-V", vhost, "--view", "consumers", "--format", "jsonl"])
                    if !output.standardOutput.isEmpty { break }
                    try #require(ContinuousClock.now < deadline, "a consumer is listed")
                }
                for (view, list) in Self.keys where view != "events" && view != "client" {
                    let names = Set(try names(view))
                    let options = ["snapshot"] + broker.options + ["--view", view, "-V", vhost]
                    let json = try await Rabbittop.run(options + ["--format", "json"])
                    #expect(json.status == 0 && json.standardError.isEmpty)
                    let object = try object(json.standardOutput)
                    #expect(Set(object.keys) == ["at", "cluster", "view", "sources", "rows"])
                    #expect(object["view"] as? String == view)
                    let cluster = try #require(object["cluster"] as? [String: Any])
                    #expect(Set(cluster.keys) == ["name", "version", "nodes"])
                    #expect((cluster["version"] as? String)?.hasPrefix("3.") == true)
                    #expect(cluster["nodes"] as? Int == 1)
                    let at = try #require(object["at"] as? String)
                    #expect(at.firstMatch(of: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/) != nil, "\(at) is RFC 3339")
                    let sources = try #require(object["sources"] as? [[String: Any]])
                    #expect(!sources.isEmpty)
                    #expect(sources.allSatisfy { Set($0.keys) == ["name", "node", "age_s", "status", "problem"] })
                    let rows = try #require(object["rows"] as? [[String: Any]])
                    #expect(!rows.isEmpty, "the view \(view) has rows")
                    for row in rows { #expect(Set(row.keys) == names, "the keys of \(view)") }

                    let lines = try await Rabbittop.run(options + ["--format", "jsonl"])
                    let first = try self.object(String(try #require(lines.standardOutput.split(separator: "\n").first)))
                    #expect(Set(first.keys) == names)
                    let csv = try await Rabbittop.run(options + ["--format", "csv"])
                    #expect(csv.standardOutput.hasPrefix(list + "\r\n"), "the columns of \(view)")
                    let table = try await Rabbittop.run(options + ["--format", "table"])
                    #expect(table.standardOutput.split(separator: "\n").count == rows.count + 1)
                }
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("Events and client, which watch for an interval")
        func watching() async throws {
            let broker = try await TestBroker.shared()
            try await broker.ensureLogExchange()
            let vhost = try await broker.makeVhost()
            async let events = Rabbittop.run(
                ["snapshot"] + broker.options + ["--view", "events", "--format", "json", "--interval", "4"])
            let script = """
                import pika, sys
                connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
                for _ in range(15):
                    channel = connection.channel()
                    try:
                        channel.queue_declare('nowhere', passive=True)
                    except pika.exceptions.ChannelClosedByBroker:
                        connection.sleep(0.2)
                """
            try await Python.run(script, arguments: [broker.uri(vhost)])
            let rows = try #require(try object(try await events.standardOutput)["rows"] as? [[String: Any]])
            let names = Set(try names("events"))
            for row in rows { #expect(Set(row.keys) == names) }
            let error = try #require(rows.first { $0["code"] as? Int == 404 && $0["vhost"] as? String == vhost })
            #expect(error["code_name"] as? String == "NOT_FOUND")
            #expect(error["scope"] as? String == "channel")
            #expect((error["text"] as? String)?.contains("no queue 'nowhere'") == true)
            #expect(error["class"] as? String == "queue" && error["method"] as? String == "declare")
            for view in ["events", "client"] {
                let csv = try await Rabbittop.run(
                    ["snapshot"] + broker.options + ["--view", view, "--format", "csv", "--interval", "0.5"])
                #expect(csv.status == 0)
                let heading = try #require(Self.keys[view]) + "\r\n"
                #expect(csv.standardOutput.hasPrefix(heading))
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("Columns, order, filter and how often")
        func choices() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            for (number, name) in ["plums", "pears", "apples"].enumerated() {
                try await broker.declare(name, vhost: vhost)
                if number > 0 { try await broker.publish(number, to: name, vhost: vhost) }
            }
            let options = ["snapshot"] + broker.options + ["-V", vhost, "--format", "csv"]
            let deadline = ContinuousClock.now + .seconds(20)
            var depth = ""
            while true {
                let output = try await Rabbittop.run(options + ["--columns", "name,ready", "--sort", "ready"])
                depth = output.standardOutput
                if depth == "name,ready\r\napples,2\r\npears,1\r\nplums,0\r\n" { break }
                try #require(ContinuousClock.now < deadline, "largest first; the last was \(depth)")
            }
            func run(_ more: String...) async throws -> String {
                try await Rabbittop.run(options + more).standardOutput
            }
            #expect(
                try await run("--columns", "ready,name", "--sort=-ready")
                    == "ready,name\r\n0,plums\r\n1,pears\r\n2,apples\r\n")
            #expect(try await run("--columns", "name", "--sort", "name") == "name\r\napples\r\npears\r\nplums\r\n")
            #expect(try await run("--columns", "name", "--filter", "pea") == "name\r\npears\r\n")
            #expect(
                try await run("--columns", "name", "--filter", "/^p/", "--sort", "name")
                    == "name\r\npears\r\nplums\r\n")
            #expect(
                try await run("--columns", "name", "--filter", "pea", "--count", "3", "--interval", "0.2")
                    == "name\r\npears\r\npears\r\npears\r\n")
            let objects = try await Rabbittop.run(
                ["snapshot"] + broker.options + [
                    "--view", "nodes", "--format", "json", "--count", "2", "--interval", "0.2",
                ])
            #expect(objects.standardOutput.split(separator: "\n").count == 2)
            try await broker.deleteVhost(vhost)
        }

        @Test("What goes wrong ends with its exit code and says what to do")
        func failures() async throws {
            let broker = try await TestBroker.shared()
            for usage in [
                ["--view", "nonsense"], ["--columns", "nonsense"], ["--sort", "nonsense"], ["--count", "0"],
                ["--filter", "/(/"], ["--format", "xml"], ["--nonsense"],
            ] {
                let output = try await Rabbittop.run(["snapshot"] + broker.options + usage)
                #expect(output.status == 2, "\(usage)")
                #expect(output.standardOutput.isEmpty)
                #expect(!output.standardError.isEmpty)
            }
            let port = try closedPort()
            for view in ["queues", "events"] {
                let unreachable = try await Rabbittop.run(["snapshot", "-P", "\(port)", "--view", view])
                #expect(unreachable.status == 69)
                #expect(unreachable.standardError.contains("localhost:\(port)"))
                #expect(unreachable.standardError.contains("connection refused"))
                let denied = try await Rabbittop.run(
                    ["snapshot"] + broker.options + ["-p", "wrong", "--view", view])
                #expect(denied.status == 77)
                #expect(denied.standardError.contains("password"))
                #expect(!denied.standardError.contains("wrong"), "a password is never shown")
            }
        }

        @Test("A password is asked for on the terminal, and never shown")
        func question() async throws {
            let broker = try await TestBroker.shared()
            let user = try await broker.makeUser(password: "open-sesame", tags: "monitoring")
            let program = try BuiltProgram.path("rabbittop")
            try await TestTerminal.run(.shell(environment: DashboardTerminal.environment), width: 120) { terminal in
                try await terminal.enter(
                    "\(program) snapshot -P \(broker.node.ports.management) -u \(user) --view nodes --columns name,running; "
                        + "echo \"status $?\"; stty -a | grep -o -- ' -*echo '")
                try await terminal.wait(forText: "Password of \(user)")
                try await terminal.enter("open-sesame")
                let screen = try await terminal.wait(forText: "status 0")
                #expect(screen.contains("@localhost"))
                #expect(!screen.contains("sesame"))
                try await terminal.wait(for: "echo") { $0.contains("\n echo\n") }
            }
            _ = try await broker.management("DELETE", "users/\(user)")
        }
    }
}
