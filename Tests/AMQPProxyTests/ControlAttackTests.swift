import Faults
import Foundation
import NIOCore
import SeededSupport
import Testing

@testable import AMQPProxy

/// Whatever is sent to the control API, it answers with what is wrong, and goes on.
@Suite(.timeLimit(.minutes(2))) struct ControlAttackTests {
    private func problem(_ answer: ControlFixture.Answer) -> (error: String, advice: String) {
        let json = try? JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
        return (json?["error"] as? String ?? "", json?["advice"] as? String ?? "")
    }

    private static let deep = String(repeating: "[", count: 20_000) + String(repeating: "]", count: 20_000)

    private static let bodies: [(String, Int)] = [
        ("", 400), ("{", 400), ("[]", 400), ("null", 400), ("nonsense", 400), (deep, 400),
        (#"{"fault": \#(deep)}"#, 400), (#"{"fault": 1}"#, 400), (#"{"fault": null}"#, 400),
        (#"{"fault": "latency", "seed": 18446744073709551616}"#, 400), (#"{"fault": "latency", "seed": -1}"#, 400),
        (#"{"fault": "latency", "duration_s": 1e400}"#, 400), (#"{"fault": "latency", "duration_s": -1}"#, 422),
        (#"{"fault": "latency", "duration_s": 1e300}"#, 422), (#"{"fault": "latency", "duration_s": "x"}"#, 400),
        (#"{"fault": "latency", "selector": {"channel": 99999999999999999999}}"#, 400),
        (#"{"fault": "close-channel", "selector": {"channel": -1}}"#, 422),
        (#"{"fault": "close-channel", "selector": {"channel": 1.5}}"#, 400),
        (#"{"fault": "latency", "selector": {"percentage": 1e308}}"#, 422),
        (#"{"fault": "latency", "selector": {"after_bytes": 9223372036854775807}}"#, 422),
        (#"{"fault": "latency", "selector": {"times": 0}}"#, 422), (#"{"fault": "latency", "selector": []}"#, 400),
        (#"{"fault": "latency", "parameters": {"delay_ms": 1e300}}"#, 422),
        (#"{"fault": "latency", "parameters": {"delay_ms": 9223372036854775807}}"#, 422),
        (#"{"fault": "latency", "parameters": {"delay_ms": [1]}}"#, 400),
        (#"{"fault": "latency", "parameters": {"delay_ms": {}}}"#, 400),
        (#"{"fault": "close-channel", "parameters": {"code": -1}}"#, 422),
        (#"{"fault": "close-channel", "parameters": {"code": 65536}}"#, 422),
        (#"{"fault": "close-connection", "parameters": {"text": "\#(String(repeating: "t", count: 9_000))"}}"#, 422),
        (#"{"fault": "\#(String(repeating: "f", count: 60_000))"}"#, 422),
        (#"{"fault": "latency", "selector": {"connection": "\#(String(repeating: "*", count: 50_000))"}}"#, 422),
        (#"{"fault": "latency", "\#(String(repeating: "k", count: 50_000))": 1}"#, 400),
        (#"{"fault": "latency", "fault": "\u0000", "x": "\ud800"}"#, 400),
    ]

    @Test func badBodiesAreRefusedWithWords() async throws {
        try await ControlFixture.with { api in
            for (body, status) in Self.bodies {
                let answer = try await api.request("POST", "/faults", body)
                let (error, advice) = problem(answer)
                #expect(answer.status == status, "\(body.prefix(80)): \(answer.head.prefix(60)) \(error.prefix(200))")
                #expect(!error.isEmpty && !advice.isEmpty, "\(body.prefix(80))")
                #expect(answer.body.utf8.count < 2_000, "\(body.prefix(80))")
            }
            let seed = try await api.request("POST", "/faults", Self.bodies[9].0)
            #expect(problem(seed).error == "A whole number from 0 to 18446744073709551615 is expected at 'seed'.")
            #expect(try await api.request("GET", "/faults").status == 200)
        }
    }

    @Test func aBodyThatIsTooLargeIsRefusedHoweverItComes() async throws {
        try await ControlFixture.with { api in
            let selector =
                #"{"fault": "latency", "selector": {"connection": ""# + String(repeating: "s", count: 900_000)
            for body in [selector + #""}}"#, String(repeating: " ", count: ControlAPI.largestBody + 1)] {
                let answer = try await api.request("POST", "/faults", body)
                #expect(answer.status == 413)
                #expect(problem(answer).error.contains("larger than 65536 bytes"))
            }
            var chunked = "POST /faults HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            for _ in 0..<40 { chunked += "1000\r\n" + String(repeating: "c", count: 0x1000) + "\r\n" }
            #expect(try await api.send(chunked + "0\r\n\r\n").status == 413)
        }
    }

    @Test func whatIsNoRequestEndsTheConnectionAndNothingElse() async throws {
        try await ControlFixture.with { api in
            let many = (0..<5_000).map { "X-\($0): y\r\n" }.joined()
            let bad = [
                "\r\n\r\n", "nonsense\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{0}\u{1}\u{2}",
                "POST /faults HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                "POST /faults HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
                "POST /faults HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
                "POST /faults HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n",
                "GET / HTTP/1.1\r\n\(many)\r\n", "GET /\(String(repeating: "a", count: 200_000)) HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: \(String(repeating: "h", count: 100_000))\r\n\r\n",
            ]
            for text in bad {
                let answer = try await api.send(text + "\r\n")
                #expect(answer.status == 0 || (400...599).contains(answer.status), "\(text.prefix(60))")
            }
            var random = SeededSupport.SeededRandom(seed: 7)
            for _ in 0..<50 {
                let count = Int.random(in: 1...400, using: &random)
                _ = try await api.send(
                    (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } + [13, 10, 13, 10])
            }
            #expect(try await api.request("GET", "/sessions").status == 200)
        }
    }

    @Test func oddPathsAndParametersAreAnswered() async throws {
        try await ControlFixture.with { api in
            let paths: [(String, Int)] = [
                ("/ledger?limit=99999999999999999999", 400), ("/ledger?limit=-5", 200), ("/ledger?after=-1", 400),
                ("/ledger?after=18446744073709551615", 200), ("/ledger?after=18446744073709551616", 400),
                ("/ledger?after=%FF%FE", 400), ("/ledger?%ZZ=1&&&=&after=0", 200), ("/sessions?after=x", 400),
                ("/sessions/%00", 400), ("/sessions/1/../2", 404), ("/faults/18446744073709551615", 404),
                ("/%F0%28%8C%28", 404), ("//", 404), ("/events?after=x", 400),
            ]
            for (path, status) in paths {
                let answer = try await api.request("GET", path)
                #expect(answer.status == status || (status == 404 && answer.status == 200 && path == "//"), "\(path)")
            }
            for path in ["/sessions/1/channels/99999999999", "/sessions/1?code=99999999999999999999", "/faults/x"] {
                let answer = try await api.request("DELETE", path)
                #expect([400, 404].contains(answer.status), "\(path)")
                #expect(!problem(answer).error.isEmpty, "\(path)")
            }
        }
    }

    @Test func readersThatDoNotReadAreLimitedInNumber() async throws {
        try await ControlFixture.with(capacity: 100) { api in
            var followers: [any Channel] = []
            for _ in 0..<ControlAPI.mostFollowers { followers.append(try await api.unread("/events?after=0")) }
            var refusal = try await api.request("GET", "/events")
            let deadline = ContinuousClock.now + .seconds(25)
            // One of them may have come too late for a place.
            while refusal.status != 503, .now < deadline {
                followers.append(try await api.unread("/events?after=0"))
                refusal = try await api.request("GET", "/events")
            }
            #expect(refusal.status == 503)
            #expect(problem(refusal).error == "32 readers follow the events already.")
            // Everything else is answered, and a place is free again when its reader is gone.
            #expect(try await api.request("GET", "/ledger").status == 200)
            for channel in followers { try? await channel.close().get() }
            var isFree = false
            while !isFree, .now < deadline {
                let channel = try await api.unread("/events")
                _ = channel.read()
                let again = try await api.request("GET", "/events?after=x")
                isFree = again.status == 400
                try? await channel.close().get()
            }
            #expect(isFree)
        }
    }

    @Test func whoSendsSlowlyIsClosed() async throws {
        try await ControlFixture.with(patience: .milliseconds(300)) { api in
            let post = "POST /faults HTTP/1.1\r\nHost: localhost\r\n"
            let slow = [
                post + "Content-Length: 100\r\n\r\n" + #"{"fault": "latency"}"#,
                post + "Transfer-Encoding: chunked\r\n\r\n14\r\n" + #"{"fault": "latency"}"# + "\r\n",
                "GET /sess", "GET / HTTP/1.1\r\nX-Slow: ", "",
            ]
            for text in slow {
                let start = ContinuousClock.now
                let answer = try await api.send(text)
                #expect(answer.status != 201 && answer.isClosed, "\(text)")
                #expect(ContinuousClock.now - start < .seconds(4), "\(text)")
            }
            // What came of a body that did not end is no fault.
            #expect(try await api.request("GET", "/faults").body == "[]\n")
        }
    }

    @Test func whoDoesNotTakeItsAnswerIsClosed() async throws {
        try await ControlFixture.with(patience: .seconds(1)) { api in
            // More than the sockets' buffers take.
            let reader = try await api.unread("/openapi.json", times: 1_000)
            let start = ContinuousClock.now
            let timer = reader.eventLoop.scheduleTask(in: .seconds(40)) { reader.close(promise: nil) }
            try? await reader.closeFuture.get()
            timer.cancel()
            #expect(ContinuousClock.now - start < .seconds(35))
            #expect(try await api.request("GET", "/faults").status == 200)
        }
    }

    @Test func whoFollowsTheEventsIsNotClosed() async throws {
        try await ControlFixture.with(patience: .milliseconds(300)) { api in
            let (channel, collector) = try await api.reading("/events?after=0")
            // Others come and are closed meanwhile.
            for _ in 0..<3 { #expect(try await api.send("").isClosed) }
            #expect(!collector.isClosed)
            try await channel.close().get()
        }
    }

    @Test func oneOfManyRequestsGetsTheLastPlace() async throws {
        try await ControlFixture.with { api in
            for _ in 1..<FaultRegistry.mostInForce { try await api.controller.registry.inject(Fault("latency")) }
            let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for _ in 0..<16 {
                    tasks.addTask { try await api.request("POST", "/faults", #"{"fault": "latency"}"#).status }
                }
                return try await tasks.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.sorted() == [201] + Array(repeating: 429, count: 15))
        }
    }

    @Test func aListComesInParts() async throws {
        try await ControlFixture.with { api in
            for _ in 0..<30 { _ = try? await api.controller.registry.inject(Fault("close-channel")) }
            while await api.controller.ledger.count < 30 { await Task.yield() }
            var path: String? = "/ledger?limit=7"
            var ids: [Int] = []
            while let next = path {
                let answer = try await api.request("GET", next)
                let rows = try #require(
                    try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [[String: Any]])
                ids += rows.compactMap { $0["id"] as? Int }
                path = answer.head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("link: <") }
                    .map { String($0.dropFirst(7).prefix { $0 != ">" }) }
            }
            #expect(ids == Array(1...30))
        }
    }
}
