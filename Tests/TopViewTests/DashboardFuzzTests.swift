import Experiments
import Faults
import Foundation
import Names
import Screen
import SeededSupport
import Testing

@testable import TopCore
@testable import TopView

/// Keys, sizes, rows and news at random: nothing traps, nothing is drawn outside, the selection is one of the rows.
///
/// `RABBITTOP_FUZZ_SECONDS` lets each seed run for that long, and `RABBITTOP_FUZZ_SEED` begins with another one.
@Suite("The dashboard under random keys and rows")
struct DashboardFuzzTests {
    static let environment = ProcessInfo.processInfo.environment
    static let seconds = environment["RABBITTOP_FUZZ_SECONDS"].flatMap(Double.init) ?? 1.5
    static let leastSteps = 25
    static let firstSeed = environment["RABBITTOP_FUZZ_SEED"].flatMap(Int.init) ?? 1

    @Test("Random sessions", arguments: 0..<6)
    func sessions(_ number: Int) {
        let seed = Self.firstSeed + number
        var session = FuzzSession(seed: seed)
        let end = ContinuousClock.now + .seconds(Self.seconds)
        var steps = 0
        // On a slow machine it is the steps that count.
        while ContinuousClock.now < end || steps < Self.leastSteps {
            session.step()
            steps += 1
            if let problem = session.check() {
                Issue.record("seed \(seed), step \(steps): \(problem)")
                return
            }
        }
    }

    @Test("Ten thousand rows under keys and resizes")
    func manyRows() {
        var session = FuzzSession(seed: Self.firstSeed + 1_000)
        session.feedQueues(10_000)
        let end = ContinuousClock.now + .seconds(Self.seconds)
        var steps = 0
        repeat {
            session.key()
            if steps.isMultiple(of: 7) { session.resize() }
            steps += 1
            if let problem = session.check() {
                Issue.record("step \(steps): \(problem)")
                return
            }
        } while ContinuousClock.now < end
    }

    @Test("Every overlay at every small size, and far larger ones", arguments: PropertyTests.states.keys.sorted())
    func resizes(_ name: String) throws {
        var state = try #require(PropertyTests.states[name])
        // Each state at sizes of its own.
        let seed = name.utf8.reduce(Self.firstSeed) { ($0 &* 31) &+ Int($1) }
        var random = SeededSupport.SeededRandom(seed: seed)
        for round in 0..<8 {
            let size =
                round < 6
                ? Size(width: Int.random(in: 36...90, using: &random), height: Int.random(in: 8...30, using: &random))
                : Size(width: Int.random(in: 1...400, using: &random), height: Int.random(in: 1...200, using: &random))
            _ = update(&state, .resized(size), at: state.clock)
            let rendering = render(state, size: size, zone: .utc)
            _ = update(&state, .viewport(rows: rendering.tableRows, limits: rendering.limits), at: state.clock)
            #expect(FuzzSession.problem(of: rendering, size) == nil)
        }
    }
}

/// A dashboard that somebody plays with.
struct FuzzSession {
    private var random: SeededSupport.SeededRandom
    private(set) var state: State
    private var size: Size
    private var rendering: Rendering
    private var now = Sample.now
    private var running: [OperationID] = []
    private var last = ""

    static let names: [String] = [
        "", " ", "/", "//", ".", "..", "q/1", "orders", "Orders", "q2", "q10", "caf\u{e9}", "cafe\u{301}",
        String(repeating: "a", count: 255), String(repeating: "订", count: 85), "订单队列.中国区", "طلبات الشحن",
        "\u{202e}evil", "\u{1b}[31mred\u{7}", "line\r\nline", "tab\there", "\u{0}nul", "🚚🇩🇪👩‍👩‍👧‍👦",
        "e" + String(repeating: "\u{301}", count: 60), "\u{301}", "\u{200b}\u{feff}", "\u{9b}2J", "a\u{7f}b",
        "10.0.0.7:50640 -> 10.0.0.1:5672", "[::1]:47234 -> [::1]:5672", "%2F", "amq.gen-\u{fffd}", "(default)",
        "\u{10ffff}", "ﷺ", "ｆｕｌｌ", "1e400", "-", "NaN",
    ]
    static let numbers = [0, 1, 2, 7, 49, 999, 1_000, 123_456, 1_043_211, -1, -4, .max, .min, .max - 1, 1 << 53]
    static let rates: [Double] = [
        0, 0.04, 0.4, 1, 12.5, 99.96, 1_385, 1e6, 1e300, -1, .infinity, -.infinity, .nan, .leastNonzeroMagnitude,
    ]

    init(seed: Int) {
        random = SeededSupport.SeededRandom(seed: seed)
        var options = State.Options()
        options.readOnly = Int.random(in: 0..<8, using: &random) == 0
        options.ascii = Int.random(in: 0..<4, using: &random) == 0
        options.color = Int.random(in: 0..<4, using: &random) != 0
        options.faults = .permitted([.proxy, .broker, .own, .node])
        options.clusters = ["prod", "caf\u{e9}", "test"]
        options.cluster = "prod"
        options.hasRabbitmqctl = Bool.random(using: &random)
        if Int.random(in: 0..<6, using: &random) == 0 {
            options.replay = State.Replay(file: "a.sqlite", at: Sample.now, speed: 60, isPlaying: true)
        }
        size = Size(width: 80, height: 24)
        state = State(size: size, options: options, now: Sample.now)
        if Int.random(in: 0..<3, using: &random) == 0 { state = Sample.state(.queues, size: size) }
        rendering = render(state, size: size, zone: .utc)
    }

    /// What is wrong; `nil` for nothing.
    mutating func check() -> String? {
        rendering = render(state, size: size, zone: .utc)
        send(.viewport(rows: rendering.tableRows, limits: rendering.limits))
        if let problem = Self.problem(of: rendering, size) { return "\(last): \(problem)" }
        for view in ViewID.allCases {
            guard let table = state.table(of: view) else { continue }
            if table.count == 0 {
                if table.cursor != 0 { return "\(last): the cursor of \(view) is at \(table.cursor) of no rows" }
                continue
            }
            guard table.cursor >= 0, table.cursor < table.count else {
                return "\(last): the cursor of \(view) is at \(table.cursor) of \(table.count)"
            }
            guard table.selectedID != nil else { return "\(last): nothing is selected in \(view)" }
            if table.top < 0 || table.top >= table.count { return "\(last): \(view) begins at row \(table.top)" }
        }
        if state.detailScroll < 0 { return "\(last): details begin at line \(state.detailScroll)" }
        switch state.overlay {
        case .picker(let picker):
            if !picker.choices.isEmpty, !picker.choices.indices.contains(picker.selected) {
                return "\(last): choice \(picker.selected) of \(picker.choices.count)"
            }
        case .form(let form):
            if form.focus < 0 || form.focus >= form.fields.count + 2 {
                return "\(last): the focus of the form is at \(form.focus) of \(form.fields.count)"
            }
        case .browser(let browser):
            if !browser.shown.isEmpty, !browser.shown.indices.contains(browser.selected) {
                return "\(last): message \(browser.selected) of \(browser.shown.count)"
            }
        case .columns(let chooser):
            if !chooser.items.indices.contains(chooser.selected) {
                return "\(last): column \(chooser.selected) of \(chooser.items.count)"
            }
        case nil, .help, .filter, .commandLine, .confirmation, .difference: break
        }
        if state.past == nil, state.now != state.clock { return "\(last): the present is another time" }
        return nil
    }

    static func problem(of rendering: Rendering, _ size: Size) -> String? {
        let frame = rendering.frame
        if frame.size != size || frame.cells.count != size.width * size.height { return "the frame has another size" }
        if rendering.tableRows < 0 || rendering.tableRows > size.height { return "\(rendering.tableRows) rows" }
        for target in rendering.targets
        where target.area.isEmpty || target.area != target.area.intersection(frame.bounds) {
            return "\(target) lies outside of \(size)"
        }
        if let cursor = frame.cursor, !frame.bounds.contains(cursor) { return "the cursor is at \(cursor)" }
        for y in 0..<size.height {
            let text = frame.text(ofRow: y)
            if text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) }) {
                return "a control character in row \(y)"
            }
            if TextWidth.columns(of: text) > size.width { return "row \(y) is wider than \(size.width)" }
        }
        if rendering.limits.detail < 0 || rendering.limits.overlay < 0 || rendering.limits.columns < 0 {
            return "limits \(rendering.limits)"
        }
        return nil
    }

    // MARK: Steps

    mutating func step() {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<8: key()
        case 8: resize()
        case 9: pointer()
        case 10: paste()
        case 11: time()
        case 12: feedQueues(Int.random(in: 0...40, using: &random))
        case 13: feedLists()
        case 14: feedCluster()
        case 15: feedEvents()
        case 16: feedSources()
        case 17: feedDetail()
        case 18: feedClientAndLab()
        default: answer()
        }
    }

    private mutating func send(_ event: Event) {
        for action in update(&state, event, at: now) {
            switch action {
            case .start(let id, _): running.append(id)
            case .seek: send(.moment(remembered()))
            case .switchCluster(let name): send(.clusterChange(.refused(name, why: "it does not answer")))
            case .watchClusters(true): send(.clusters(state.options.clusters.map { ClusterSummary(name: $0) }))
            case .watch, .cancel, .curves, .record, .copy, .watchClusters(false), .enterCluster, .quit: break
            }
        }
    }

    private static let keys: [Key] =
        Bindings.all.flatMap(\.keys).filter { $0 != .character("q") && $0 != .control("c") }
        + "abcQ /\\[(*+1.é订".map(Key.character)

    mutating func key() {
        guard let key = Self.keys.randomElement(using: &random) else { return }
        last = key.label
        send(.key(key))
    }

    mutating func resize() {
        size =
            Int.random(in: 0..<5, using: &random) == 0
            ? Size(width: Int.random(in: 1...400, using: &random), height: Int.random(in: 1...200, using: &random))
            : Size(width: Int.random(in: 1...140, using: &random), height: Int.random(in: 1...50, using: &random))
        last = "resize to \(size.width)x\(size.height)"
        send(.resized(size))
    }

    private mutating func pointer() {
        var pointers = rendering.targets.map(\.pointer)
        pointers += [.scroll(lines: 3), .scroll(lines: -3), .scrollDetail(lines: 3), .scrollDetail(lines: -3)]
        pointers += [.row(99_999), .openRow(-1), .heading(AnyColumnKey(LabColumn.verdict)), .choice(-1), .choice(99)]
        for case .row(let row) in pointers.prefix(3) { pointers.append(.openRow(row)) }
        pointers.removeAll { $0 == .command(.quit) }
        guard let pointer = pointers.randomElement(using: &random) else { return }
        last = "\(pointer)"
        send(.pointer(pointer))
    }

    private mutating func paste() {
        let text = text()
        last = "paste of \(text.utf8.count) bytes"
        send(.paste(text))
    }

    private mutating func time() {
        let steps: [Double] = [0.04, 1, 1, 5, 90, 86_400, -3, -86_400, 1e9]
        now = now.addingTimeInterval(steps.randomElement(using: &random) ?? 1)
        last = "time"
        send(.tick)
    }

    // MARK: What comes

    private mutating func text() -> String {
        guard let name = Self.names.randomElement(using: &random) else { return "" }
        guard Int.random(in: 0..<4, using: &random) == 0 else { return name }
        return name + (Self.names.randomElement(using: &random) ?? "")
    }

    private mutating func maybe<Value>(_ value: Value) -> Value? { Bool.random(using: &random) ? value : nil }
    private mutating func number() -> Int? { maybe(Self.numbers.randomElement(using: &random) ?? 0) }
    private mutating func rate() -> Double? { maybe(Self.rates.randomElement(using: &random) ?? 0) }
    private mutating func flag() -> Bool? { maybe(Bool.random(using: &random)) }
    private mutating func name() -> String? { maybe(text()) }
    private mutating func label() -> Name { Name(text()) }
    private mutating func maybeLabel() -> Name? { maybe(label()) }
    private mutating func entity() -> EntityID { EntityID(vhost: text(), name: text()) }
    private mutating func channel() -> ChannelID {
        ChannelID(connection: text(), number: Self.numbers.randomElement(using: &random) ?? 1)
    }
    private mutating func moment() -> Date {
        let ages: [Double] = [0, 0.2, 3, 12, 600, -5, 1e9, -1e9]
        return now.addingTimeInterval(-(ages.randomElement(using: &random) ?? 0))
    }

    /// What a history may answer: nothing, or what is shown with another time and without some parts.
    private mutating func remembered() -> Moment? {
        guard Int.random(in: 0..<5, using: &random) != 0 else { return nil }
        var remembered = state.moment
        remembered.at = moment()
        if Bool.random(using: &random) { remembered.queues = nil }
        if Bool.random(using: &random) { remembered.cluster = nil }
        if Bool.random(using: &random) { remembered.channels?.rows.removeAll() }
        if Bool.random(using: &random) { remembered.sources = [] }
        return remembered
    }

    mutating func feedQueues(_ count: Int) {
        last = "\(count) queues"
        var depths: [QueueDepth] = []
        for place in 0..<count {
            let id = count > 100 ? EntityID(vhost: "v\(place % 7)", name: "queue.\(place)") : entity()
            depths.append(
                QueueDepth(id: id, messages: number(), ready: number(), unacked: number(), consumers: number()))
        }
        let part = QueueDepthsPart(
            at: moment(), source: Bool.random(using: &random) ? .prometheus : .management, node: maybeLabel(),
            vhost: Int.random(in: 0..<4, using: &random) == 0 ? label() : nil, depths: depths,
            isComplete: Int.random(in: 0..<3, using: &random) != 0)
        send(.snapshot(.queueDepths(part)))
        send(.snapshot(.queuesLive(QueuesLivePart(at: moment(), depths: Array(depths.prefix(5)), gone: [entity()]))))
        var rich: [(depth: QueueDepth, details: QueueDetails)] = []
        for depth in depths.prefix(5) {
            var details = QueueDetails()
            details.type = ["classic", "quorum", "stream", text()].randomElement(using: &random)
            details.state = ["running", "down", "minority", text()].randomElement(using: &random)
            details.publishRate = rate()
            details.redeliverRate = rate()
            details.memory = number()
            details.policy = maybeLabel()
            details.idleSince = maybe(moment())
            details.deliveryLimit = number()
            rich.append((depth, details))
        }
        send(.snapshot(.queuesRich(QueuesRichPart(at: moment(), queues: rich, gone: [entity()]))))
    }

    private mutating func rows<Row>(_ row: (inout Self) -> Row) -> ListPart<Row> {
        let rows = (0..<Int.random(in: 0...25, using: &random)).map { _ in row(&self) }
        return ListPart(
            at: moment(), rows: rows, total: maybe(Self.numbers.randomElement(using: &random) ?? 0),
            undecodable: Int.random(in: 0...2, using: &random))
    }

    private mutating func feedLists() {
        last = "lists"
        let connections = rows { session in
            var row = ConnectionRow(name: session.label())
            (row.clientName, row.user, row.vhost) = (session.maybeLabel(), session.maybeLabel(), session.maybeLabel())
            (row.state, row.peer, row.node) = (session.name(), session.name(), session.maybeLabel())
            (row.channels, row.heartbeat) = (session.number(), session.number())
            (row.receiveRate, row.sendRate) = (session.rate(), session.rate())
            row.connectedAt = session.maybe(session.moment())
            row.proxySession = session.maybe(.max)
            return row
        }
        send(.snapshot(.connections(connections)))
        let channels = rows { session in
            var row = ChannelRow(id: session.channel())
            (row.clientName, row.user, row.vhost) = (session.maybeLabel(), session.maybeLabel(), session.maybeLabel())
            (row.prefetch, row.unacked, row.unconfirmed) = (session.number(), session.number(), session.number())
            (row.publishRate, row.deliverRate, row.ackRate) = (session.rate(), session.rate(), session.rate())
            (row.state, row.lastError) = (session.name(), session.name())
            row.local = Bool.random(using: &session.random)
            return row
        }
        send(.snapshot(.channels(channels)))
        let consumers = rows { session in
            var row = ConsumerRow(
                id: ConsumerID(queue: session.entity(), channel: session.channel(), tag: session.label()))
            (row.prefetch, row.priority) = (session.number(), session.number())
            (row.active, row.ackRequired) = (session.flag(), session.flag())
            row.activityStatus = session.name()
            return row
        }
        send(.snapshot(.consumers(consumers)))
        let exchanges = rows { session in
            var row = ExchangeRow(id: session.entity())
            (row.type, row.policy) = (session.name(), session.maybeLabel())
            (row.durable, row.isInternal) = (session.flag(), session.flag())
            (row.publishInRate, row.publishOutRate) = (session.rate(), session.rate())
            row.bindingsOut = session.number()
            return row
        }
        send(.snapshot(.exchanges(exchanges)))
        send(.snapshot(.vhosts((0..<Int.random(in: 0...4, using: &random)).map { _ in label() })))
    }

    private mutating func feedCluster() {
        last = "cluster"
        var overview = OverviewRow()
        (overview.ready, overview.unacked, overview.messages) = (number(), number(), number())
        (overview.publishRate, overview.deliverRate, overview.ackRate) = (rate(), rate(), rate())
        (overview.connections, overview.channels, overview.consumers) = (number(), number(), number())
        (overview.nodesRunning, overview.nodes) = (number(), number())
        (overview.connectionOpenRate, overview.unroutableRate) = (rate(), rate())
        overview.alarms = maybe((0..<Int.random(in: 0...3, using: &random)).map { _ in text() })
        let nodes = (0..<Int.random(in: 0...4, using: &random)).map { _ in
            var node = NodeRow(name: label(), running: Bool.random(using: &random))
            (node.memory, node.memoryLimit) = (number(), number())
            (node.diskFree, node.diskFreeLimit) = (number(), number())
            (node.fileDescriptors, node.fileDescriptorLimit) = (number(), number())
            (node.memoryAlarm, node.diskAlarm) = (flag(), flag())
            node.uptime = rate()
            node.partitions = maybe([label()]) ?? []
            return node
        }
        send(
            .snapshot(
                .cluster(
                    ClusterPart(at: moment(), name: name(), version: name(), overview: overview, nodes: nodes))))
        let cost = PollingCost(
            at: moment(), httpRequestRate: rate() ?? 0, httpBusy: rate() ?? 0, declareRate: rate() ?? 0,
            bytesPerSecond: rate() ?? 0)
        send(.snapshot(.cost(cost)))
    }

    private mutating func feedEvents() {
        last = "news"
        let entries = (0..<Int.random(in: 0...12, using: &random)).map { _ in
            var entry = LedgerEntry(
                at: moment(), kind: LedgerEntry.Kind.allCases.randomElement(using: &random) ?? .error,
                scope: LedgerEntry.Scope.allCases.randomElement(using: &random) ?? .channel, connection: name(),
                clientName: name(), user: name(), vhost: name(), peer: name(), channel: number(), queue: name(),
                code: number(), codeName: name(), text: text(),
                source: LedgerEntry.Source.allCases.randomElement(using: &random) ?? .client, fault: name())
            entry.count = Self.numbers.randomElement(using: &random) ?? 1
            entry.seconds = rate()
            return entry
        }
        send(.entries(entries, dropped: UInt64.random(in: 0...2, using: &random)))
        let states: [FaultRecord.State] = [.inForce, .undoing, .undone, .done, .undoFailed, .failed]
        let records = (0..<Int.random(in: 0...4, using: &random)).map { id in
            FaultRecord(
                id: UInt64(id), fault: Fault(["latency", "swallow", text()].randomElement(using: &random) ?? ""),
                since: rate() ?? 0, until: rate(), state: states.randomElement(using: &random) ?? .inForce,
                hits: .max, note: name())
        }
        send(.snapshot(.faults(records)))
    }

    private mutating func feedSources() {
        last = "sources"
        let states: [SourceStatus.State] = [.connecting, .live, .stale, .unreachable, .denied, .notEnabled, .off]
        let sources = SourceName.allCases.map { source in
            SourceStatus(
                name: source, node: maybeLabel(), state: states.randomElement(using: &random) ?? .live,
                lastSuccess: maybe(moment()), problem: name(), advice: name(), interval: rate() ?? 5)
        }
        send(.snapshot(.sources(sources)))
    }

    private mutating func feedDetail() {
        last = "details"
        guard let id = state.selectedID else { return }
        let sections = (0..<Int.random(in: 0...5, using: &random)).map { _ in
            DetailSection(
                title: text(),
                fields: (0..<Int.random(in: 0...12, using: &random)).map { _ in DetailField(text(), text()) })
        }
        send(
            .snapshot(
                .detail(
                    DetailPart(
                        at: moment(), row: id, sections: sections, isGone: Int.random(in: 0..<4, using: &random) == 0)))
        )
    }

    private mutating func feedClientAndLab() {
        last = "clients and lab"
        let clients = rows { session in
            var row = ClientRow(
                id: ClientRowID(
                    connection: UInt64.random(in: 0...3, using: &session.random),
                    channel: session.maybe(Int.random(in: 0...3, using: &session.random)),
                    isAttached: Bool.random(using: &session.random)), connection: session.label(),
                state: session.text())
            row.channel = row.id.channel
            (row.name, row.process, row.lastErrorText) = (session.maybeLabel(), session.name(), session.name())
            (row.inFlight, row.unconfirmed, row.lastErrorCode) = (session.number(), session.number(), session.number())
            (row.brokerAgrees, row.disagreement) = (session.flag(), session.name())
            row.at = session.maybe(session.moment())
            row.pools = [
                ClientPool(
                    name: session.text(), size: session.number() ?? 1, open: session.number() ?? 1, inUse: 1, idle: 0,
                    waiting: session.number() ?? 0, discarded: 0, timeouts: 0, longestWait: session.rate() ?? 0)
            ]
            return row
        }
        send(.snapshot(.client(clients)))
        let lab = rows { session in
            var run = LabRunPart(
                phase: [.running, .ended(.pass, why: ""), .ended(.fail, why: session.text())]
                    .randomElement(using: &session.random) ?? .running,
                startedAt: session.moment(), seconds: session.rate() ?? 0)
            for _ in 0..<2 { run.depths[session.text()] = session.number() ?? 0 }
            run.publishRate = session.rate() ?? 0
            run.lines = [
                .init(
                    at: session.rate() ?? 0, kind: .error(scope: .client, code: nil, count: 1),
                    application: session.text(), text: session.text())
            ]
            let variant = ExperimentDescription.Variant(
                name: session.text(), what: session.text(), expectation: session.text(),
                isCure: Bool.random(using: &session.random))
            let experiment = ExperimentDescription(
                name: session.text(), title: session.text(), story: session.text(), variants: [variant],
                settings: [.init(session.text(), .integer(1), session.text())])
            return LabRow(number: session.number() ?? 1, experiment, variant, run: session.maybe(run))
        }
        send(.snapshot(.lab(lab)))
    }

    /// What became of an operation that a key started.
    private mutating func answer() {
        last = "an answer"
        let id = running.popLast() ?? OperationID(99)
        let messages = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            message()
        }
        let queue = entity()
        let page = BrowsedPage(
            BrowseRequest(queue: queue, count: 3), messages: messages, ready: number() ?? 0,
            isStream: Bool.random(using: &random), isEnd: Bool.random(using: &random), notes: [text()])
        let action = MessageAction(.move(.origin(OriginRule())), .all, of: queue)
        let reports: [OperationReport] = [
            .progress(text(), fraction: rate()), .finished(text()), .failed(text(), advice: name()),
            .cancelled(text()), .messages(.browsed(page)), .batchEnded(BatchResult()),
            .messages(.preview(action, lines: [text()], movable: number() ?? 1)),
            .messages(.acted(action, summary: text(), lines: [text()], end: .failed(text(), advice: name()))),
            .offersConnection(channel(), why: text()), .faultFailed(text(), advice: name(), record: 1),
        ]
        if let report = reports.randomElement(using: &random) { send(.operation(id, report)) }
    }

    private mutating func message() -> BrowsedMessage {
        var message = BrowsedMessage(
            position: number() ?? 1, fingerprint: MessageFingerprint(hash: 1, size: 1), exchange: label(),
            routingKey: label())
        message.redelivered = Bool.random(using: &random)
        message.values = [
            .deliveryCount: .integer(number() ?? 0), .reason: .text(text()), .timestamp: .time(Sample.now),
            .contentType: .text(text()),
        ]
        message.properties = [DetailField(text(), text())]
        message.headers = [HeaderLine(depth: number() ?? 0, name: text(), value: name())]
        message.deaths = Bool.random(using: &random) ? [text()] : []
        message.origin = message.deaths.isEmpty ? nil : label()
        message.body = Array(text().utf8)
        message.bodySize = Self.numbers.randomElement(using: &random) ?? 0
        return message
    }
}
