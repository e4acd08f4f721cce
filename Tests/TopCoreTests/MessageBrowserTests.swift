import Foundation
import Names
import Screen
import Testing

@testable import TopCore

func message(_ position: Int, _ key: Name, body: String = "", origin: Name? = nil) -> BrowsedMessage {
    var message = BrowsedMessage(
        position: position, fingerprint: MessageFingerprint(hash: position, size: body.utf8.count), exchange: "",
        routingKey: key)
    message.body = Array(body.utf8)
    message.bodySize = message.body.count
    message.values = [.routingKey: .text(key.text), .size: .integer(message.bodySize)]
    message.origin = origin
    if let origin { message.deaths = ["rejected in \(origin)"] }
    return message
}

@Suite("The browser of messages")
struct MessageBrowserTests {
    private static let dead = queue("dead")

    /// The Queues view with the messages of the queue `dead` open.
    private func browsing(
        _ messages: [BrowsedMessage] = (1...5).map { Self.letter($0) }, ready: Int? = nil, isStream: Bool = false,
        isEnd: Bool = true, _ options: (inout State.Options) -> Void = { _ in }
    ) -> State {
        var state = makeState {
            $0.initialView = .queues
            options(&$0)
        }
        state.send(bulk([depth("dead", ready: 5)]))
        let page = BrowsedPage(
            BrowseRequest(queue: Self.dead, count: messages.count), messages: messages, ready: ready ?? messages.count,
            isStream: isStream, isEnd: isEnd)
        state.send(.operation(OperationID(900), .messages(.browsed(page))))
        return state
    }

    private static func letter(_ position: Int) -> BrowsedMessage {
        message(position, Name("key.\(position)"), body: String(repeating: "x", count: position), origin: "orders")
    }

    private func start(_ number: UInt64, _ operation: MessageOperation) -> Action {
        .start(OperationID(number), .messages(operation))
    }

    private func these(_ positions: Int...) -> MessageSelection {
        MessageBrowser.selection(of: positions.map(Self.letter))
    }

    // MARK: Looking

    @Test("Enter opens a message, arrows go to others, Esc goes back one step at a time")
    func walk() {
        var state = browsing()
        state.type(.down, .enter)
        #expect(state.browser?.opened?.message.position == 2)
        state.type(.right, .right)
        #expect(state.browser?.opened?.message.position == 4)
        state.type(.left)
        #expect(state.browser?.opened?.message.position == 3)
        state.type(.escape)
        #expect(state.browser?.opened == nil && state.browser?.selected == 2)
        state.type(.escape)
        #expect(state.overlay == nil)
    }

    @Test(
        "A filter shows what matches as it is typed: text, an expression, a condition",
        arguments: [("key.4", [4]), ("/key.[23]/", [2, 3]), ("size > 3", [4, 5]), ("nothing", [])])
    func filter(_ typed: String, _ positions: [Int]) {
        var state = browsing()
        state.type(.character("/"))
        state.type(text: typed)
        let browser = state.browser
        #expect(browser?.shown.map { (browser?.page.messages[$0].position ?? 0) } == positions)
        state.type(.enter)
        #expect(state.browser?.isTyping == false && state.browser?.filter == typed)
        state.type(.escape)
        #expect(state.browser?.shown.count == 5)
    }

    @Test("A condition that is not finished leaves the last filter in force, and says what is missing")
    func wrongFilter() {
        var state = browsing()
        state.type(.character("/"))
        state.type(text: "size > 3 and ")
        #expect(state.browser?.problem != nil)
        #expect(state.browser?.shown.count == 2)
        state.type(.enter)
        #expect(state.browser?.isTyping == true)
        state.type(.escape)
        #expect(state.browser?.isTyping == false && state.browser?.shown.count == 5)
    }

    @Test("A search goes from line to line of the body, and round")
    func search() {
        let body = (0..<50).map { $0 % 20 == 0 ? "needle \($0)" : "hay" }.joined(separator: "\n")
        var state = browsing([message(1, "k", body: body)])
        state.type(.enter, .character("/"))
        state.type(text: "NEEDLE")
        state.type(.enter)
        let places = state.browser?.opened?.found ?? []
        #expect(places.count == 3)
        #expect(state.browser?.opened?.scroll == places.first)
        state.type(.character("n"))
        #expect(state.browser?.opened?.scroll == places[1])
        state.type(.character("n"), .character("n"))
        #expect(state.browser?.opened?.scroll == places[0])
        state.type(.character("N"))
        #expect(state.browser?.opened?.scroll == places[2])
    }

    @Test("Control characters of keys, headers and bodies reach no line, and no line is wider than the page")
    func hostileBytes() {
        var hostile = message(
            1, Name(bytes: [0x1B, 0x5B, 0x32, 0x4A, 0xFF]), body: "\u{1b}[2J\u{7}\r\n\u{202e}abc\t\u{0}")
        hostile.headers = [HeaderLine(depth: 99, name: "\u{1b}]0;x\u{7}", value: "\n\u{9b}31m")]
        hostile.properties = [DetailField("type", String(repeating: "订", count: 300))]
        hostile.deaths = ["rejected in \u{1b}c"]
        let page = MessagePage(hostile, width: 40)
        for line in page.lines {
            let text = line.label + line.text
            #expect(
                text.unicodeScalars.allSatisfy {
                    $0.value >= 0x20 && $0.value != 0x7F && !(0x80..<0xA0).contains($0.value)
                })
            #expect(TextWidth.columns(of: line.kind == .field ? line.text : text) <= 40 || line.kind == .heading)
        }
    }

    @Test("A body of ten megabytes is shown as far as bodies are, and says so")
    func largeBody() {
        var large = message(1, "k")
        large.body = [UInt8](repeating: UInt8(ascii: "x"), count: 10 << 20)
        large.bodySize = large.body.count
        let page = MessagePage(large, width: 100)
        #expect(page.lines.count { $0.kind == .text } > (MessageBody.mostBytes / 100))
        #expect(page.lines.contains { $0.kind == .heading && $0.text.contains("the beginning") })
        #expect(page.lines.contains { $0.kind == .warning && $0.text.contains("writes all of it") })
    }

    // MARK: More

    @Test("Page Down at the end reads twice as many, unless these are all")
    func more() {
        var state = browsing(ready: 100, isEnd: false)
        state.type(.end)
        #expect(
            state.type(.pageDown) == [start(1, .browse(BrowseRequest(queue: Self.dead, count: 10)))])
        #expect(state.browser != nil)
        var whole = browsing()
        whole.type(.end)
        #expect(whole.type(.character("n")).isEmpty)
        #expect(whole.notice?.text == "These are all messages that were ready")
    }

    @Test("Of a stream the following messages are read")
    func moreOfAStream() {
        var last = Self.letter(5)
        last.streamOffset = 41
        var state = browsing([Self.letter(4), last], isStream: true, isEnd: false)
        #expect(
            state.type(.character("n"))
                == [start(1, .browse(BrowseRequest(queue: Self.dead, count: 2, start: "42", continues: true)))])
    }

    @Test("What is read again keeps the filter and takes the place of what was shown")
    func again() {
        var state = browsing()
        state.type(.character("/"))
        state.type(text: "size > 3")
        state.type(.enter, .character("r"))
        let page = BrowsedPage(
            BrowseRequest(queue: Self.dead, count: 5), messages: (1...9).map { Self.letter($0) }, ready: 9)
        state.send(.operation(OperationID(1), .messages(.browsed(page))))
        #expect(state.browser?.shown.count == 6 && state.browser?.filter == "size > 3")
        state.type(.escape, .escape)
        #expect(state.overlay == nil)
    }

    // MARK: Acting

    @Test("Dead letters are counted first; nothing moves before that is confirmed, and Cancel is in front")
    func sendBack() {
        var state = browsing()
        state.type(.character("b"))
        #expect(state.form?["which"]?.editor.text == "all in the queue")
        let action = MessageAction(.move(.origin(OriginRule())), .all, of: Self.dead)
        #expect(state.type(.enter) == [start(1, .preview(action))])
        #expect(state.browser != nil)
        state.send(
            .operation(OperationID(1), .messages(.preview(action, lines: ["5 to queue orders (rejected)"], movable: 5)))
        )
        #expect(state.confirmation?.title == "Send 5 dead letters of dead back?")
        #expect(state.confirmation?.focus == .cancel)
        #expect(state.type(.tab, .enter) == [start(2, .act(action))])
        let acted = MessageReport.acted(
            action, summary: "4 messages sent back, 1 failed", lines: ["4 to queue orders", "1 failed: no queue"],
            end: .finished)
        state.send(.operation(OperationID(2), .messages(acted)))
        #expect(state.picker?.lines == ["4 messages sent back, 1 failed", "4 to queue orders", "1 failed: no queue"])
        state.type(.enter)
        #expect(state.browser?.isOld == true)
    }

    @Test("Where none can go back that is said, and nothing starts")
    func nothingGoesBack() {
        var state = browsing()
        state.type(.character("b"), .enter)
        let action = MessageAction(.move(.origin(OriginRule())), .all, of: Self.dead)
        state.send(
            .operation(OperationID(1), .messages(.preview(action, lines: ["5 failed: no dead letter"], movable: 0))))
        #expect(state.picker?.lines == ["5 failed: no dead letter"])
        #expect(state.type(.enter).isEmpty)
        #expect(state.browser != nil)
    }

    @Test("Actions take the tagged ones, else those that match, else the one under the cursor, or what is chosen")
    func selections() {
        func moved(_ state: inout State, _ keys: Key...) -> MessageSelection? {
            state.type(.character("m"))
            for key in keys { state.type(key) }
            state.type(.tab)
            state.type(text: "parked")
            guard case .start(_, .messages(.act(let action)))? = state.type(.enter).first else { return nil }
            #expect(action.work == .move(.queue("parked")))
            return action.selection
        }
        var state = browsing()
        #expect(moved(&state) == these(1))
        #expect(moved(&state, .right) == .all)
        state.type(.space, .down, .space)
        #expect(state.browser?.tagged == [0, 2])
        #expect(moved(&state) == these(1, 3))
        state = browsing()
        state.type(.character("/"))
        state.type(text: "size > 3")
        state.type(.enter)
        #expect(moved(&state) == .matching("size > 3"))
        state.type(.character("a"), .enter)
        #expect(state.browser?.tagged == [3, 4])
        #expect(moved(&state) == these(4))
    }

    @Test("A move needs one target: a queue or an exchange")
    func targets() {
        var state = browsing()
        state.type(.character("m"))
        #expect(state.type(.enter).isEmpty)
        #expect(state.form?["queue"]?.problem != nil)
        state.type(text: "parked")
        state.type(.tab)
        state.type(text: "shop")
        #expect(state.type(.enter).isEmpty)
        #expect(state.form?["exchange"]?.problem != nil)
        state.type(.backTab, .control("u"))
        let action = MessageAction(.move(.exchange("shop", routingKey: nil)), these(1), of: Self.dead)
        #expect(state.type(.enter) == [start(1, .act(action))])
    }

    @Test("Messages go to another cluster of the configuration where that is chosen; this one stands first")
    func otherCluster() {
        func action(_ state: inout State) -> MessageAction? {
            guard case .start(_, .messages(.act(let action)))? = state.type(.enter).first else { return nil }
            return action
        }
        var state = browsing {
            $0.clusters = ["east", "west"]
            $0.cluster = "east"
        }
        state.type(.character("m"), .tab)
        state.type(text: "parked")
        #expect(state.form?["cluster"]?.kind == .choice(["east (shown)", "west"]))
        var wanted = MessageAction(.move(.queue("parked")), these(1), of: Self.dead)
        #expect(action(&state) == wanted)
        state = browsing {
            $0.clusters = ["east", "west"]
            $0.cluster = "east"
        }
        state.type(.character("m"), .tab)
        state.type(text: "parked")
        state.type(.tab, .tab, .tab, .right)
        wanted.cluster = "west"
        #expect(action(&state) == wanted)
        #expect(state.activities.last?.title == "move from dead to west")
        // Where dead letters came from is here.
        state.type(.character("b"))
        #expect(state.form != nil && state.form?["cluster"] == nil)
    }

    @Test("Without other clusters there is nothing to choose", arguments: [[], ["here"]] as [[Name]])
    func onlyCluster(_ clusters: [Name]) {
        var state = browsing {
            $0.clusters = clusters
            $0.cluster = clusters.first
        }
        state.type(.character("c"))
        #expect(state.form != nil && state.form?["cluster"] == nil)
    }

    @Test("Deleting asks, with what is affected")
    func delete() {
        var state = browsing()
        state.type(.space, .character("D"), .enter)
        #expect(state.confirmation?.focus == .cancel)
        #expect(state.confirmation?.lines.contains("throws away the tagged one") == true)
        let action = MessageAction(.delete, these(1), of: Self.dead)
        #expect(state.type(.tab, .enter) == [start(1, .act(action))])
    }

    @Test("An edited dead letter goes back into its queue, without its deaths, and takes the place of the first")
    func edit() {
        var state = browsing()
        state.type(.character("E"))
        #expect(state.form?["routing_key"]?.editor.text == "orders")
        let place = state.form?.fields.firstIndex { $0.key == "body" } ?? 0
        for _ in 0..<place { state.type(.tab) }
        state.type(.control("u"))
        state.type(text: "new")
        let edit = MessageEdit(
            exchange: "", routingKey: "orders", properties: "{}", headers: "[]", body: Array("new".utf8),
            dropsDeaths: true)
        let action = MessageAction(.republish(edit, removesOriginal: true), these(1), of: Self.dead)
        #expect(state.type(.enter) == [start(1, .act(action))])
        state = browsing()
        state.type(.character("E"))
        let headers = state.form?.fields.firstIndex { $0.key == "headers" } ?? 0
        for _ in 0..<headers { state.type(.tab) }
        state.type(text: "x")
        #expect(state.type(.enter).isEmpty)
        #expect(state.form?["headers"]?.problem != nil)
        state.type(.backspace, .enter)
        state.send(.operation(OperationID(1), .failed("the headers: no type", advice: nil)))
        #expect(state.form?.lines == ["Nothing was published: the headers: no type"])
        #expect(state.form?["body"]?.editor.text == "x")
        state.type(.escape)
        #expect(state.browser != nil)
    }

    @Test("A message is saved as it is, or its body; several are saved together")
    func save() {
        func content(_ state: inout State, _ keys: Key...) -> WriteRequest.Content? {
            state.type(.character("w"))
            for key in keys { state.type(key) }
            guard case .start(_, .write(let request))? = state.type(.enter).first else { return nil }
            return request.content
        }
        var state = browsing()
        #expect(content(&state) == .messages([Self.letter(1)], queue: "dead"))
        #expect(content(&state, .tab, .right) == .body(Array("x".utf8)))
        state.type(.space, .space)
        #expect(content(&state) == .messages([Self.letter(1), Self.letter(2)], queue: "dead"))
        var cut = Self.letter(1)
        cut.bodySize = 100 << 20
        state = browsing([cut])
        #expect(content(&state) == nil)
        #expect(state.form?["file"]?.problem?.contains("messages save") == true)
    }

    @Test("Esc stops what runs before it closes anything")
    func stop() {
        var state = browsing()
        state.type(.character("c"), .tab)
        state.type(text: "copies")
        state.type(.enter)
        #expect(state.type(.escape) == [.cancel(OperationID(1))])
        #expect(state.browser != nil)
        state.type(.escape)
        #expect(state.overlay == nil)
    }

    @Test("A stream keeps its messages, and read-only leaves them: the keys say so")
    func refusals() {
        var stream = browsing(isStream: true)
        stream.type(.character("m"))
        #expect(stream.form == nil && stream.notice?.text.contains("keeps its messages") == true)
        var readOnly = browsing { $0.readOnly = true }
        readOnly.type(.character("b"))
        #expect(readOnly.form == nil && readOnly.notice?.text.contains("Read-only") == true)
        readOnly.type(.character("w"))
        #expect(readOnly.form != nil)
    }

    @Test("A failure half way says how far it came")
    func failure() {
        var state = browsing()
        let action = MessageAction(.move(.queue("parked")), .all, of: Self.dead)
        state.send(
            .operation(
                OperationID(3),
                .messages(
                    .acted(
                        action, summary: "2 messages moved, up to 3 may be in both", lines: [],
                        end: .failed("connection lost", advice: "Look at the target.")))))
        #expect(
            state.picker?.lines == [
                "2 messages moved, up to 3 may be in both", "Ended early: connection lost", "Look at the target.",
            ])
        #expect(state.notice?.severity == .failure)
    }
}
