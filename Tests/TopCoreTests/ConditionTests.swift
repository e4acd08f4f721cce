import Foundation
import Names
import Testing

@testable import TopCore

@Suite("Conditions")
struct ConditionTests {
    /// The queue that `docs/guide/expressions.md` describes.
    private static var orders: QueueRow {
        var row = QueueRow(id: queue("orders"))
        row.ready = Measured(12_000, at: noon, source: .management)
        row.unacked = Measured(300, at: noon, source: .management)
        row.consumers = Measured(2, at: noon, source: .management)
        var details = QueueDetails()
        details.memory = 3 << 29
        details.policy = "ha"
        details.type = "quorum"
        details.state = "running"
        details.idleSince = later(-7_200)
        row.details = details
        return row
    }

    private func truth(_ text: String, of row: QueueRow = Self.orders) throws -> Truth {
        let condition = try Condition(text, in: .columns(of: .queues))
        return ConditionEvaluator(condition).truth(of: row, columns: condition.columns(of: QueueRow.self), now: noon)
    }

    private func error(_ text: String, in scope: ConditionScope = .columns(of: .queues)) throws -> ConditionError {
        var found: ConditionError?
        do throws(ConditionError) {
            _ = try Condition(text, in: scope)
        } catch {
            found = error
        }
        return try #require(found, "\(text) is read without an error")
    }

    @Test("The guide's examples are true")
    func guide() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../docs/guide/expressions.md")
        let guide = try String(contentsOf: file, encoding: .utf8)
        let examples = guide.matches(of: #/\n\| `([^\n]*)` \| (yes|no|unknown) \|/#)
        #expect(examples.count >= 25)
        for example in examples {
            let expected: Truth = example.2 == "yes" ? .yes : example.2 == "no" ? .no : .unknown
            #expect(try truth(String(example.1)) == expected, "\(example.1)")
        }
        // The first examples, and the names of objects.
        let begin = try #require(guide.range(of: "`rabbittop check --rule`.\n\n")).upperBound
        let end = try #require(guide.range(of: "\n\nContents:")).lowerBound
        for line in guide[begin..<end].split(separator: "\n") {
            _ = try truth(line.trimmingCharacters(in: .whitespaces))
        }
        let names = guide.matches(of: #/\n\| `((?:queue|exchange|connection|channel|node|overview|count)[^\n`]*)` \|/#)
        #expect(names.count == 11)
        for name in names { _ = try Condition("\(name.1) > 0", in: .broker) }
        for unit in ConditionUnit.all {
            _ = try Condition("now - now >= 0 or 1\(unit.name) = 1\(unit.name)", in: .broker)
        }
    }

    @Test("An error names the column of the mistake, and what was expected")
    func errors() throws {
        let cases: [(String, Int, String)] = [
            ("", 1, "expected a column of queues or a number"),
            ("redy > 5", 1, "queues has no column redy; perhaps ready is meant"),
            ("ready > 5 and redy > 6", 15, "perhaps ready"),
            ("ready", 6, "expected = != < <= > or >= and a number behind ready"),
            ("ready >", 8, "expected a column of queues or a number"),
            ("ready > 5 consumers = 0", 11, "expected and or or"),
            ("ready > 5m", 9, "5m is a time in seconds; a million is written M"),
            ("ready > 1GiB", 9, "1GiB is a number of bytes"),
            ("memory > 5s", 10, "expected a number of bytes, as memory is"),
            ("ready > 5q", 10, "there is no unit q"),
            ("ready > 10,000", 11, "without commas"),
            ("ready ~ 5", 1, "~ is for texts; ready is a number"),
            ("name ~ (", 8, "not a regular expression"),
            ("name ~", 7, "expected a regular expression"),
            ("name =", 7, "expected a text"),
            ("name = and ready > 1", 8, "the word and needs quotes"),
            ("name = \"a", 10, "expected \" at the end"),
            ("name", 5, "and a text behind name"),
            ("(ready > 5", 11, "expected ) for the ( in column 1"),
            ("ready > 5)", 10, "there is no ( for this )"),
            ("1 < ready < 5", 11, "joined by and"),
            ("ready > 5 && consumers = 0", 11, "write and in place of &&"),
            ("!ready", 1, "write not in place of !"),
            ("ready > \"5\"", 9, "\"5\" is a text"),
            ("ready + name > 1", 9, "name is a text"),
            ("memory + idle_since > 1", 10, "do not go together"),
            ("idle_since > 5m", 14, "expected a date and time, as idle_since is"),
            ("idle_since > \"03:12\"", 14, "2026-11-29T03:12:40Z"),
            ("-name > 1", 2, "expected a number behind -"),
            ("(ready > 1) = 1", 1, "a condition cannot be compared"),
            ("5 and ready > 1", 2, "behind 5"),
            ("queues > 1 or", 1, "no column queues"),
            ("é > 1", 1, "expected a column"),
            ("name = é and redy > 1", 14, "perhaps ready"),
            ("ready > 1m30h", 11, "a shorter unit"),
            ("ready > 1234567890123456789", 9, "not a number"),
            ("ready > 1.2.3", 9, "not a number"),
        ]
        for (text, column, what) in cases {
            let error = try error(text)
            #expect(error.column == column && error.what.contains(what), "\(text): \(error)")
        }
        let deep = String(repeating: "(", count: 40) + "ready > 1"
        #expect(try error(deep).what.contains("nested at most 32 times"))
        #expect(try error(String(repeating: "not ", count: 40) + "ready > 1").what.contains("nested"))
        #expect(try error(String(repeating: "-", count: 1_900)).what.contains("nested"))
        #expect(try error("ready > 1" + String(repeating: "+1", count: 300)).what.contains("at most 200 operators"))
        #expect(try error("name = " + String(repeating: "a", count: 3_000)).what.contains("at most 2000 bytes"))
        #expect(try error("redy > 5").pointed == "  redy > 5\n  ^")
        #expect(try error("name = é and redy > 1").pointed == "  name = é and redy > 1\n               ^")
        let long = try error("name = " + String(repeating: "a", count: 200) + " and redy > 1").pointed
        #expect(long.split(separator: "\n").allSatisfy { $0.count <= 72 }, "\(long)")
    }

    @Test("Names of objects: dots, quotes and vhosts")
    func objects() throws {
        func fields(_ text: String) throws -> [Condition.Field] { try Condition(text, in: .broker).uses.map(\.field) }
        func queueField(_ name: Name, _ vhost: Name?, _ column: String) -> Condition.Field {
            .object(ConditionObject(.queue, vhost: vhost, name: name), column: column)
        }
        #expect(try fields("queue.orders.ready > 5") == [queueField("orders", nil, "ready")])
        #expect(try fields("queue.a.b-c.d_1.ready > 5") == [queueField("a.b-c.d_1", nil, "ready")])
        #expect(try fields("queue.\"or ders\".ready > 5") == [queueField("or ders", nil, "ready")])
        #expect(try fields("queue.\"/\".a.b.ready > 5") == [queueField("a.b", "/", "ready")])
        #expect(try fields("queue.'/'.'a.b'.ready > 5") == [queueField("a.b", "/", "ready")])
        #expect(try fields("queue.größe.ready > 5") == [queueField("größe", nil, "ready")])
        #expect(
            try fields("node.rabbit@a.example.memory > 1GiB")
                == [.object(ConditionObject(.node, name: "rabbit@a.example"), column: "memory")])
        #expect(
            try fields("exchange.\"\".publish_in_rate > 0")
                == [.object(ConditionObject(.exchange, name: ""), column: "publish_in_rate")])
        // Each is asked for once.
        #expect(try fields("queue.a.ready > 1 and queue.a.ready < 9 and overview.ready > 1").count == 2)
        let count = try Condition("count(queues where ready > 1 and name ~ ^a) >= 3 and count(nodes) = 3", in: .broker)
        #expect(count.uses.map(\.text) == ["count(queues where ready > 1 and name ~ ^a)", "count(nodes)"])

        let cases: [(String, Int, String)] = [
            ("queue > 1", 6, "expected . and a column of queues"),
            ("queue.orders > 1", 7, "queues has no column orders"),
            ("queue.ready > 1", 7, "expected a name as in queue.orders.ready"),
            ("queue.\"orders\" > 1", 15, "expected . and a column"),
            ("queue.orders.redy > 1", 14, "perhaps ready"),
            ("queue.orders. > 1", 14, "expected a name"),
            ("queue.\"a\".\"b\".\"c\".ready > 1", 15, "expected a name as in"),
            ("node.\"/\".a.memory > 1", 10, "expected a name as in node.rabbit@a.memory"),
            ("queu.orders.ready > 1", 1, "perhaps queue is meant"),
            ("ready > 1", 1, "there is no ready"),
            ("count(events) > 1", 7, "there is no events"),
            ("count(queues where redy > 1) > 1", 20, "perhaps ready"),
            ("count(queues whre ready > 1) > 1", 14, "expected where or )"),
            ("count(queues where ready) > 1", 25, "behind ready"),
        ]
        for (text, column, what) in cases {
            let error = try error(text, in: .broker)
            #expect(error.column == column && error.what.contains(what), "\(text): \(error)")
        }
    }

    @Test("A number that lies between two decides where it can")
    func ranges() throws {
        func truth(_ text: String, _ low: Double, _ high: Double) throws -> Truth {
            let condition = try Condition(text, in: .broker)
            return ConditionEvaluator(condition).truth(now: noon) { _ in .number(low: low, high: high) }
        }
        for (text, expected) in [
            ("count(queues) > 1", Truth.yes), ("count(queues) >= 2", .yes), ("count(queues) > 2", .unknown),
            ("count(queues) > 4", .unknown), ("count(queues) > 5", .no), ("count(queues) < 6", .yes),
            ("count(queues) <= 5", .yes), ("count(queues) < 2", .no), ("count(queues) = 1", .no),
            ("count(queues) = 3", .unknown), ("count(queues) != 1", .yes), ("count(queues) * 2 >= 4", .yes),
            ("10 - count(queues) >= 5", .yes), ("-count(queues) < -1", .yes), ("100 / count(queues) >= 20", .yes),
        ] {
            #expect(try truth(text, 2, 5) == expected, "\(text)")
        }
        #expect(try truth("1 / count(queues) > 0", 0, 5) == .unknown)
    }

    @Test("Names are compared by their bytes; lists by their elements; flags stand alone")
    func kinds() throws {
        var row = QueueRow(id: queue("cafe\u{301}"))
        #expect(try truth("name = \"caf\u{E9}\"", of: row) == .no)
        #expect(try truth("name = cafe\u{301}", of: row) == .yes)
        row.id = queue("a\"b\\c d")
        #expect(try truth("name = \"a\\\"b\\\\c d\"", of: row) == .yes)
        #expect(try truth("name ~ \"\\\"b\\\\c\\sd$\"", of: row) == .yes)

        let names = [ConditionName("alarms", .list), ConditionName("up", .flag), ConditionName("at", .time)]
        func thing(_ text: String, _ values: [ConditionValue]) throws -> Truth {
            let condition = try Condition(text, in: .row(names, of: "things"))
            return ConditionEvaluator(condition).truth(now: noon) { index in
                guard case .column(let name) = condition.uses[index].field,
                    let place = names.firstIndex(where: { $0.name == name })
                else { return .unknown }
                return values[place]
            }
        }
        let known: [ConditionValue] = [.list(["memory on a", "disk on b"]), .flag(false), ConditionValue(0)]
        for (text, expected) in [
            ("alarms", Truth.yes), ("alarms ~ ^disk", .yes), ("alarms = \"disk on b\"", .yes), ("alarms = disk", .no),
            ("alarms != disk", .yes), ("not up", .yes), ("up = no", .yes), ("up != false", .no), ("up = (up)", .yes),
            ("at = 1970-01-01", .yes), ("at < \"1970-01-01 00:00:01\" and at >= 1970-01-01T00:00:00Z", .yes),
            ("now - at > 365d", .yes), ("at + 1d < now - 2w", .yes), ("NOT up AND alarms", .yes),
        ] {
            #expect(try thing(text, known) == expected, "\(text)")
            #expect(try thing(text, [.unknown, .unknown, .unknown]) == .unknown, "\(text)")
        }
        #expect(try thing("alarms", [.list([]), .unknown, .unknown]) == .no)
    }

    @Test("Tab completes what can stand at the cursor")
    func completion() throws {
        func words(_ text: String, _ scope: ConditionScope = .columns(of: .queues)) -> [String] {
            Condition.completion(of: text, in: scope).words
        }
        #expect(words("re") == ["ready", "redeliver_rate"])
        #expect(Condition.completion(of: "re", in: .columns(of: .queues)).common == "re")
        let one = Condition.completion(of: "ready > 5 and cons", in: .columns(of: .queues))
        #expect(one == Condition.Completion(length: 4, words: ["consumers"]))
        #expect(words("ready > 5 a") == ["and"])
        #expect(words("no") == ["node", "not", "now"])
        #expect(words("name = re") == [], "a text")
        #expect(words("name ~ re") == [], "a regular expression")
        #expect(words("(re") == ["ready", "redeliver_rate"])
        #expect(words("zz > 5 and re") == [], "what stands before is wrong")
        #expect(words("ov", .broker) == ["overview"])
        #expect(words("overview.publ", .broker) == ["publish_rate"])
        #expect(words("queue.orders.una", .broker) == ["unacked"])
        #expect(words("count(que", .broker) == ["queues"])
        #expect(words("count(queues where una", .broker) == ["unacked"])
        #expect(words("").contains("ready"))
        #expect(words(String(repeating: "a", count: 5_000)) == [])
    }
}
