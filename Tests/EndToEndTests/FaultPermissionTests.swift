import BrokerSupport
import Foundation
import LocalBroker
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("Faults on other machines' brokers")
    struct Arming {
        /// An HTTP server on the loopback interface that tells what was asked of it when its input ends. `$1` is the answer
        /// to GET, `$2` the place that everything else is sent to.
        private static let server = """
            import http.server, sys, threading
            asked = []
            class Handler(http.server.BaseHTTPRequestHandler):
                protocol_version = 'HTTP/1.1'
                def do_GET(self):
                    asked.append(self.command + ' ' + self.path)
                    if self.command == 'GET' or not sys.argv[2]:
                        body = sys.argv[1].encode()
                        self.send_response(200)
                        self.send_header('Content-Type', 'application/json')
                    else:
                        body = b''
                        self.send_response(307)
                        self.send_header('Location', sys.argv[2])
                    self.send_header('Content-Length', str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                do_POST = do_PUT = do_DELETE = do_GET
                def log_message(self, *_): pass
            server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            import subprocess
            run = subprocess.run(
                [word.replace('PORT', str(server.server_port)) for word in sys.argv[3:]], capture_output=True, text=True,
                stdin=subprocess.DEVNULL, timeout=50)
            print(run.returncode, run.stdout + run.stderr)
            print('asked', asked)
            """

        private func run(answer: String, sendsTo place: String = "", _ arguments: [String]) async throws -> String {
            let program = try BuiltProgram.path("rabbittop")
            return try await Python.run(
                Self.server, arguments: [answer, place, program] + arguments, deadline: .seconds(60)
            ).standardOutput
        }

        private static let tunnel = """
            {"management_version":"3.10.8","rabbitmq_version":"3.10.8","node":"rabbit@web-7","cluster_name":"shop",\
            "listeners":[{"node":"rabbit@far","protocol":"amqp","ip_address":"192.0.2.2","port":5672}]}
            """

        @Test(
            "A loopback port that is the end of a tunnel needs --allow-faults",
            arguments: [
                ["policy-ttl", "--yes", "--on", "queue=orders"], ["not-found"],
                ["purge", "--yes", "--on", "queue=orders"],
            ])
        func tunnel(fault: [String]) async throws {
            let said = try await run(
                answer: Self.tunnel, ["fault", "inject"] + fault + ["-P", "PORT", "-p", "secret"])
            #expect(said.hasPrefix("77 "), "\(said)")
            #expect(said.contains("rabbit@web-7") && said.contains("--allow-faults"), "\(said)")
            #expect(said.contains("asked ['GET /api/overview']"), "\(said)")
        }

        @Test("With leave it goes there; no password goes to a host that only the broker names")
        func elsewhere() async throws {
            let said = try await run(
                answer: Self.tunnel, ["fault", "inject", "not-found", "--allow-faults", "-P", "PORT", "-p", "secret"])
            #expect(said.hasPrefix("1 ") && said.contains("192.0.2.2:5672") && said.contains("--amqp-uri"), "\(said)")
        }

        @Test("A control API sends nobody elsewhere")
        func redirect() async throws {
            let said = try await run(
                answer: "{}", sendsTo: "http://127.0.0.1:9/faults",
                ["fault", "inject", "latency", "--control", "http://127.0.0.1:PORT"])
            #expect(
                said.hasPrefix("1 ") && said.contains("redirects elsewhere to http://127.0.0.1:9/faults"), "\(said)")
            #expect(said.contains("asked ['POST /faults']"), "\(said)")
        }

        @Test("What a control API answers drives no terminal, and is JSON")
        func control() async throws {
            let csi = "\u{9b}31m\u{7f}\u{202e}"
            let said = try await run(
                answer: #"{"id":1,"note":"\#(csi)"}"#, ["fault", "inject", "latency", "--control", "127.0.0.1:PORT"])
            #expect(said.contains(#""note":"\u009b31m\u007f\u202e""#), "\(said)")
            let html = try await run(answer: "<html>", ["fault", "undo", "--control", "127.0.0.1:PORT"])
            #expect(html.hasPrefix("1 ") && html.contains("not in JSON"), "\(html)")
        }

        @Test("Read-only undoes nothing either, and asks nobody")
        func readOnly() async throws {
            let said = try await run(answer: "{}", ["fault", "undo", "--control", "127.0.0.1:PORT", "--read-only"])
            #expect(said.hasPrefix("77 ") && said.contains("asked []"), "\(said)")
            let all = try await run(answer: "{}", ["fault", "undo", "-P", "PORT", "-p", "x", "--read-only"])
            #expect(all.hasPrefix("77 ") && all.contains("asked []"), "\(all)")
        }

        @Test("A mistake in a setting that a proxy has nothing to do with stops no undo")
        func otherSettings() async throws {
            let said = try await run(
                answer: "{}", ["fault", "undo", "--control", "127.0.0.1:PORT", "--tls-ca-cert-file", "/nowhere/ca"])
            #expect(said.hasPrefix("0 ") && said.contains("asked ['DELETE /faults']"), "\(said)")
        }

        @Test("The lab and the proxy look at addresses and names, too")
        func others() async throws {
            let lab = try await Rabbittop.run(["lab", "run", "routing", "--amqp-uri", "amqp://192.0.2.2"])
            #expect(lab.status == 77 && lab.standardError.contains("--allow-faults"), "\(lab.standardError)")
            let proxy = try await Rabbittop.run(
                ["proxy", "--upstream", "192.0.2.2:5672", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"])
            #expect(proxy.status == 77 && proxy.standardError.contains("--allow-faults"), "\(proxy.standardError)")
        }

        @Test("With --no-listen nothing is created on the broker")
        func noListen() async throws {
            try await TestBroker.withRestartable(.init()) { broker in
                func queues() async throws -> Int {
                    (try await broker.management("GET", "queues").json as? [Any])?.count ?? -1
                }
                let options = ["snapshot", "--view", "events", "--interval", "3", "--format", "json"] + broker.options
                let output = try await Rabbittop.run(options + ["--no-listen"])
                let json = try #require(
                    try JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8)) as? [String: Any])
                let sources = try #require(json["sources"] as? [[String: Any]])
                let exchanges = sources.filter { ($0["name"] as? String)?.hasSuffix("exchange") == true }
                #expect(exchanges.count == 2 && exchanges.allSatisfy { $0["status"] as? String == "off" }, "\(sources)")
                try await DashboardTerminal.watch(broker, ["--no-listen", "--read-only"]) { dashboard in
                    try await dashboard.wait(for: "live") { $0.header.contains("● live") }
                    #expect(try await queues() == 0)
                }
            }
        }
    }
}
