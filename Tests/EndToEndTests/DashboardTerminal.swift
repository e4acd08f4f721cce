import BrokerSupport
import Foundation
import LocalBroker
import TerminalSupport
import Testing

/// rabbittop in a terminal.
struct DashboardTerminal: Sendable {
    let terminal: TestTerminal

    /// Nothing of the person who runs the tests: no configuration, no settings.
    static let environment = [
        "HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent", "RABBITTOP_NO_SAVE": "true",
    ]

    /// Runs `rabbittop watch` on a broker, and waits until it has its answers.
    @discardableResult
    static func watch<Result: Sendable>(
        _ broker: TestBroker, _ options: [String] = [], width: Int = 120, height: Int = 40,
        environment: [String: String] = [:], _ body: (DashboardTerminal) async throws -> Result
    ) async throws -> Result {
        try await run(["watch"] + broker.options + options, width: width, height: height, environment: environment) {
            dashboard in
            try await dashboard.wait(for: "broker's version") { $0.text.contains("RabbitMQ 3.") }
            return try await body(dashboard)
        }
    }

    /// Runs rabbittop with these arguments.
    @discardableResult
    static func run<Result: Sendable>(
        _ arguments: [String], width: Int = 120, height: Int = 40, type: String? = "tmux-256color",
        environment more: [String: String] = [:], _ body: (DashboardTerminal) async throws -> Result
    ) async throws -> Result {
        let program = TestTerminal.Program(
            [try BuiltProgram.path("rabbittop")] + arguments, environment: environment.merging(more) { $1 }, type: type)
        return try await TestTerminal.run(program, width: width, height: height) {
            try await body(DashboardTerminal(terminal: $0))
        }
    }

    /// Presses one key after the other, each when the one before has left the terminal.
    func press(_ keys: String...) async throws {
        for key in keys { try await terminal.press(key) }
    }

    func type(_ text: String) async throws {
        try await terminal.type(text)
    }

    func picture() async throws -> ScreenCapture {
        ScreenCapture(text: try await terminal.screen())
    }

    @discardableResult
    func wait(
        for what: String, within limit: Duration = .seconds(20), until condition: (ScreenCapture) -> Bool
    ) async throws -> ScreenCapture {
        var text = try await terminal.wait(for: what, within: limit) { condition(ScreenCapture(text: $0)) }
        // The terminal may have been seen in the middle of a frame: what stays for a moment is whole.
        for _ in 0..<5 {
            let next = try await terminal.screen()
            if next == text { break }
            if condition(ScreenCapture(text: next)) { text = next }
        }
        return ScreenCapture(text: text)
    }

    @discardableResult
    func wait(forText text: String, within limit: Duration = .seconds(20)) async throws -> ScreenCapture {
        try await wait(for: "'\(text)'", within: limit) { $0.text.contains(text) }
    }

    /// Moves the selection to the row that has this text in it.
    func select(_ text: String) async throws {
        try await wait(for: "row \(text)") { $0.row(text) != nil }
        try await press("g")
        try await wait(for: "selection of the first row") { picture in
            guard let line = picture.selectedLine, line > 0 else { return false }
            return picture.isHeading(picture.rows[line - 1])
        }
        for _ in 0..<200 {
            let picture = try await picture()
            if picture.selected?.contains(text) == true { return }
            let before = picture.selected
            try await press("j")
            // The last row stays selected.
            try await wait(for: "selection that moves to \(text)", within: .seconds(5)) {
                $0.selected != before || $0.selected?.contains(text) == true
            }
        }
    }

    /// Waits until a queue's READY is this.
    @discardableResult
    func wait(forReady ready: Int, of queue: String, within limit: Duration = .seconds(10)) async throws
        -> ScreenCapture
    {
        try await wait(for: "\(ready) ready in \(queue)", within: limit) { $0.ready(queue) == ready }
    }

    /// Gives a form's field, which has the focus, another text.
    func replace(_ old: String, with new: String) async throws {
        for _ in old { try await press("BSpace") }
        try await type(new)
    }
}

/// What is on a screen.
struct ScreenCapture: Sendable {
    var text: String

    var rows: [String] { text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
    /// The row with the mark of the selection.
    var selected: String? { rows.first { $0.hasPrefix(">") } }
    var selectedLine: Int? { rows.firstIndex { $0.hasPrefix(">") } }
    var footer: String { rows.last { !$0.isEmpty } ?? "" }
    /// Header line at the top right: how fresh it is.
    var header: String { rows.first ?? "" }

    /// Headings are in capitals.
    func isHeading(_ row: String) -> Bool {
        row.contains(where: \.isLetter) && !row.contains(where: \.isLowercase)
    }

    /// The first row below the headings with this word in it.
    func row(_ word: String) -> String? {
        rows.dropFirst(5).first { row in
            // Neither what lies over the table nor the lines of operations and notices below it.
            guard !row.contains("┌"), !row.contains("│"), !row.contains("✓"), !row.contains("✗"), !row.contains("●")
            else { return false }
            return row.split(separator: " ").contains { $0 == word || $0 == "!\(word)" } || row.contains(" \(word) ")
        }
    }

    /// The names in the rows of a table, from the top, as far as they are among `names`.
    func order(_ names: [String]) -> [String] {
        rows.dropFirst(5).compactMap { row in
            row.split(separator: " ").lazy.map(String.init).first { names.contains($0) }
        }
    }

    /// What stands in a column of numbers, which end where the heading does.
    func number(_ heading: String, of row: String) -> String? {
        guard let row = self.row(row),
            let headings = rows.dropFirst(5).first(where: { $0.contains(" \(heading)") || $0.contains("▼\(heading)") }),
            let range = headings.range(of: heading)
        else { return nil }
        let end = headings.distance(from: headings.startIndex, to: range.upperBound)
        return row.prefix(end).split(separator: " ").last.map(String.init)
    }

    func ready(_ queue: String) -> Int? {
        number("READY", of: queue).flatMap { Int($0.replacing(",", with: "")) }
    }
}

extension TestBroker {
    /// The options that lead rabbittop here.
    var options: [String] { ["-P", "\(node.ports.management)"] }

    func uri(_ vhost: String) -> String {
        "amqp://guest:guest@127.0.0.1:\(amqpPort)/\(Self.encoded(vhost))"
    }

    func declare(_ queue: String, vhost: String, _ json: String = #"{"durable":true}"#) async throws {
        let answer = try await management("PUT", "queues/\(Self.encoded(vhost))/\(queue)", json: json)
        try #require((200..<300).contains(answer.status), "the queue \(queue) was declared")
    }

    /// Messages, ready and unacked, as AMQP says it, not the statistics: the management API is seconds late.
    func depth(_ queue: String, vhost: String) async throws -> Int {
        let script = """
            import pika, sys
            connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
            print(connection.channel().queue_declare(sys.argv[2], passive=True).method.message_count)
            connection.close()
            """
        let output = try await Python.run(script, arguments: [uri(vhost), queue])
        return try #require(Int(output.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// Publishes with pika. - Returns: when the broker had confirmed the last one.
    @discardableResult
    func publish(_ count: Int, to queue: String, vhost: String, body: String = "hello") async throws -> Date {
        let script = """
            import pika, sys, time
            connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
            channel = connection.channel()
            for _ in range(int(sys.argv[3])):
                channel.basic_publish('', sys.argv[2], sys.argv[4].encode(), pika.BasicProperties(
                    content_type='text/plain', message_id='m-1', headers={'shop': 'north'}))
            channel.queue_declare(sys.argv[2], passive=True)
            print(time.time())
            connection.close()
            """
        let output = try await Python.run(script, arguments: [uri(vhost), queue, "\(count)", body])
        let seconds = try #require(Double(output.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)))
        return Date(timeIntervalSince1970: seconds)
    }
}

/// The program without a screen.
enum Rabbittop {
    static func run(
        _ arguments: [String], environment: [String: String] = [:], deadline: Duration = .seconds(60)
    ) async throws -> CommandOutput {
        var variables = ProcessInfo.processInfo.environment
        variables.merge(DashboardTerminal.environment) { $1 }
        variables.merge(environment) { $1 }
        return try await ChildCommand(
            executable: try BuiltProgram.path("rabbittop"), arguments: arguments, environment: variables
        ).run(deadline: deadline)
    }
}

/// Somebody else's application: pika with a connection that has a name, a channel and a consumer.
struct Pika: Sendable {
    private let task: Task<String, any Error>

    /// Runs the body while it consumes.
    static func consume(
        _ broker: TestBroker, vhost: String, queue: String, name: String, _ body: (Pika) async throws -> Void
    ) async throws {
        let script = """
            import pika, sys
            parameters = pika.URLParameters(sys.argv[1])
            parameters.client_properties = {'connection_name': sys.argv[3]}
            connection = pika.BlockingConnection(parameters)
            channel = connection.channel()
            channel.basic_qos(prefetch_count=7)
            channel.basic_consume(sys.argv[2], lambda *_: None)
            try:
                channel.start_consuming()
            except pika.exceptions.ChannelClosedByBroker as error:
                print('channel', error.reply_code, error.reply_text, 'connection open:', connection.is_open)
            except pika.exceptions.ConnectionClosedByBroker as error:
                print('connection', error.reply_code, error.reply_text)
            """
        let task = Task {
            try await Python.run(script, arguments: [broker.uri(vhost), queue, name], deadline: .seconds(60))
                .standardOutput
        }
        defer { task.cancel() }
        try await body(Pika(task: task))
    }

    /// Why its channel or connection ended, once it has.
    var lastWords: String {
        get async throws { try await task.value }
    }
}
