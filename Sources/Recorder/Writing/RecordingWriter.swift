import Faults
import Foundation
import GRDB
import Names
import TopCore

/// Turns what is reported into samples, and writes them block by block. Belongs to the queue of a recorder.
struct RecordingWriter: Sendable {
    var store: RecordingStore
    let limits: RecordingLimits
    var sink: SampleSink
    var info: RecordingInfo

    var queues = QueueBook()
    var trackers = SampleTrackers()
    var paces: [RecordedList: ListPace] = [:]
    private var answers: [RecordedList: ListAnswer] = [:]
    /// Connections whose end was an event: the screen leaves them out of lists that still have them.
    var endedConnections = EndedConnections()
    /// Rows of smaller tables that are not in the file yet.
    var statements: [PendingStatement] = []
    var findings: [Finding.ID: OpenFinding] = [:]
    var faults: [UInt64: FaultRecord] = [:]
    var configuration: [ConfigurationItem: Int64] = [:]
    /// The number of the writer's run, by which the numbers of faults are distinguished.
    var run: Int64 = 1
    var nextEvent: Int64 = 1
    var eventBase: Int64 = 0
    var nextFinding: Int64 = 1
    var nextItem: Int64 = 1
    /// The kinds of configuration of which nothing is known, with the numbers of their rows.
    var unknownKinds: [ConfigurationItem.Kind: Int64] = [:]
    /// The vhosts that the user may not see.
    var hiddenVhosts: Set<Name> = []
    /// Whether a block was begun.
    var isBlockOpen = false
    /// Nothing is removed before this time: the clock was set forward, perhaps by mistake.
    var keepUntil: Int64 = 0
    /// How often the details of most queues are reported.
    private var detailsPace = ListPace()
    /// The sources as they were recorded, without the times of their answers.
    private var sourceStates: [SourceStatus] = []
    /// When passive declares were last recorded, in milliseconds since 1970.
    private var liveAt: Int64 = 0
    /// The queues that passive declares changed since then.
    private var unrecorded: Set<EntityID> = []

    /// A clock that goes back by less is corrected gradually, as NTP does.
    private static let clockTolerance: Int64 = 2_000
    /// Seconds after which figures of details do not hold that nobody asks for any more, at least.
    private static let shortestDetailPatience = 30.0

    init(store: RecordingStore, limits: RecordingLimits, about info: RecordingInfo) throws(RecordingError) {
        self.store = store
        self.limits = limits
        self.info = info
        do {
            sink = try store.database.read { try SampleSink(continuing: $0) }
            try resume()
        } catch {
            throw RecordingError(error, path: store.path)
        }
    }

    /// Takes a snapshot that arrived at `now`.
    mutating func take(_ snapshot: Snapshot, at now: Date) throws {
        try advance(to: now)
        switch snapshot {
        case .cluster(let part): try take(part)
        case .queueDepths(let part):
            poll(.queues, total: nil, undecodable: 0, isWhole: part.isComplete)
            // The endpoints of the nodes report every vhost, whoever asks.
            let hidden = part.source == .management ? hiddenVhosts : []
            try takeQueues(hidden: hidden, at: part.at) { try $0.merge(part, $1) }
        case .queuesLive(let part): try take(part)
        case .queuesRich(let part):
            pollQueuesIfNobodyElseDoes()
            if part.queues.count >= queues.count / 2 { _ = detailsPace.poll(at: sink.now) }
            try takeQueues(at: part.at) { try $0.merge(part, $1) }
        case .connections(let part):
            for row in part.rows {
                if let since = row.connectedAt { endedConnections.forget(row.name, endedBefore: since) }
            }
            try take(living(part) { $0.name }, \.connections)
        case .channels(let part): try take(living(part) { $0.id.connection }, \.channels)
        case .consumers(let part): try take(living(part) { $0.id.connection }, \.consumers)
        case .exchanges(let part): try take(part, \.exchanges)
        case .client(let part): try take(part, \.client)
        case .sources(let sources): try take(sources)
        case .faults(let records): try take(records)
        case .configuration(let part): take(part)
        case .cost(let cost):
            for pace in cost.paces {
                guard let list = RecordedList(pace.list) else { continue }
                paces[list, default: ListPace()].expected = Int64(thousandthsOf: pace.seconds) ?? 0
            }
        case .lab, .vhosts, .detail, .route, .incoming, .named: break
        }
    }

    /// Moves on to the time of what arrives, and begins a block where none is open or the clock was set back.
    mutating func advance(to now: Date) throws {
        guard let now = now.milliseconds else { return }
        let wasSetBack = now < sink.now - Self.clockTolerance
        if isBlockOpen, wasSetBack {
            try closeBlock()
            // Times of reports before are in the future now; the next ones say what is there.
            paces = [:]
            detailsPace = ListPace()
            liveAt = 0
            queues = QueueBook()
            trackers = SampleTrackers()
        }
        if isBlockOpen, now > sink.now + 3_600_000 { keepUntil = now + 3_600_000 }
        sink.now = isBlockOpen ? max(sink.now, now) : now
        if wasSetBack { redate() }
        if !isBlockOpen { beginBlock() }
    }

    // MARK: Lists

    private mutating func take<Row: RecordedRow>(
        _ part: ListPart<Row>, _ tracker: WritableKeyPath<SampleTrackers, SampleTracker<Row>>
    ) throws {
        let isWhole = part.isWhole && part.undecodable == 0
        poll(Row.kind.list, total: part.total, undecodable: part.undecodable, isWhole: part.isWhole)
        for row in part.rows { try trackers[keyPath: tracker].take(row, &sink, store) }
        let patience = (paces[Row.kind.list] ?? ListPace()).patience
        // Connections, channels and consumers are listed whatever the vhost.
        let hidden = Row.kind == .exchange ? hiddenVhosts : []
        trackers[keyPath: tracker].endList(isWhole: isWhole, patience: patience, hidden: hidden, &sink)
    }

    /// Returns a list without the rows of connections that ended recently.
    private func living<Row>(_ part: ListPart<Row>, connection: (Row) -> Name?) -> ListPart<Row> {
        guard !endedConnections.isEmpty else { return part }
        var part = part
        let before = part.rows.count
        part.rows.removeAll { connection($0).map { endedConnections.hides($0, in: part.at) } ?? false }
        part.total = max(part.rows.count, part.total - (before - part.rows.count))
        return part
    }

    private mutating func take(_ part: ClusterPart) throws {
        poll(.cluster, total: nil, undecodable: 0, isWhole: true)
        hiddenVhosts = Set(part.hiddenVhosts)
        try trackers.cluster.take(ClusterRecord(part), &sink, store)
        for node in part.nodes { try trackers.nodes.take(node, &sink, store) }
        let isWhole = !part.nodes.isEmpty && !part.gaps.contains(.nodes)
        trackers.nodes.endList(isWhole: isWhole, patience: (paces[.cluster] ?? ListPace()).patience, &sink)
        if isWhole { queues.forget(nodesBut: Set(part.nodes.map(\.name))) }
        if let name = part.name, info.cluster.map({ Name($0) }) != Name(name) {
            info.cluster = name
            note(.cluster, name)
        }
        if let version = part.version, info.brokerVersion.map({ Name($0) }) != Name(version) {
            info.brokerVersion = version
            note(.brokerVersion, version)
        }
    }

    private mutating func take(_ sources: [SourceStatus]) throws {
        // Each answer of a source changes its time, several times a second.
        let states = sources.map(\.withoutFigures)
        guard states != sourceStates || sink.now - (paces[.sources]?.last ?? 0) >= 5_000 else { return }
        sourceStates = states
        interruptPaces(sources)
        poll(.sources, total: nil, undecodable: 0, isWhole: true)
        for source in sources { try trackers.sources.take(source, &sink, store) }
        trackers.sources.endList(isWhole: true, patience: 0, &sink)
    }

    /// While the management API is lost nothing is known of what it lists; the depths may come from another source.
    private mutating func interruptPaces(_ sources: [SourceStatus]) {
        guard sources.contains(where: { $0.name == .management && $0.state.isLost }) else { return }
        let hasDepths = sources.contains { DepthSource($0.name) != nil && $0.state == .live }
        for list in RecordedList.allCases {
            switch list {
            case .cluster, .exchanges, .connections, .channels, .consumers: paces[list]?.interrupt()
            case .queues: if !hasDepths { paces[list]?.interrupt() }
            case .client, .sources, .configuration: break
            }
        }
    }

    private mutating func note(_ key: RecordingKey, _ value: String) {
        statements.append(
            PendingStatement(.setKey, [key.rawValue.databaseValue, value.databaseValue]))
    }

    // MARK: Queues

    private mutating func take(_ part: QueuesLivePart) throws {
        // They arrive several times a second; one value a second is recorded.
        guard sink.now - liveAt >= 1_000 || !part.gone.isEmpty else {
            _ = queues.merge(part) { row, isChanged in
                if isChanged { unrecorded.insert(row.id) }
            }
            return
        }
        liveAt = sink.now
        pollQueuesIfNobodyElseDoes()
        try takeQueues(at: part.at) { try $0.merge(part, $1) }
    }

    /// Takes the queues that a report tells of.
    ///
    /// - Parameter merge: Merges the report into the book, with the visitor, and returns the queues that are gone.
    private mutating func takeQueues(
        hidden: Set<Name> = [], at: Date, _ merge: (inout QueueBook, QueueBook.Visitor) throws -> [EntityID]
    ) throws {
        let detailPatience =
            detailsPace.last == nil
            ? Self.shortestDetailPatience
            : max(Self.shortestDetailPatience, Double(detailsPace.patience) / 1_000)
        let oldest = at.addingTimeInterval(-detailPatience)
        // Taken out while the visitor changes the rest of the writer.
        var book = queues
        queues = QueueBook()
        defer { queues = book }
        let gone = try merge(&book) { row, isChanged in
            let isOutdated = row.forgetRates(before: oldest)
            let wasChanged = !unrecorded.isEmpty && unrecorded.remove(row.id) != nil
            // Most queues stay as they were.
            if !isChanged, !isOutdated, !wasChanged,
                trackers.queues.touch(ObjectIdentity(row.id), at: sink.now)
            {
                return
            }
            try trackers.queues.take(row, &sink, store)
        }
        for identity in gone.lazy.map(ObjectIdentity.init) {
            trackers.queues.remove(identity, Presence(missing: identity, hidden: hidden), &sink)
        }
        trackers.queues.endList(isWhole: false, patience: (paces[.queues] ?? ListPace()).patience, &sink)
    }

    /// Passive declares and details of single queues count as polls of the list only where nobody asks for all queues.
    private mutating func pollQueuesIfNobodyElseDoes() {
        if let last = paces[.queues]?.last, sink.now - last <= ListPace().patience { return }
        poll(.queues, total: nil, undecodable: 0, isWhole: false)
    }

    // MARK: Polls

    mutating func poll(_ list: RecordedList, total: Int?, undecodable: Int, isWhole: Bool) {
        let answer = ListAnswer(total: total, undecodable: undecodable, isWhole: isWhole)
        // One poll a second is enough to know that a value holds.
        if let last = paces[list]?.last, sink.now - last < 1_000, answers[list] == answer { return }
        if let gap = paces[list, default: ListPace()].poll(at: sink.now), !list.holdsUntilChanged {
            statements.append(
                PendingStatement(
                    .gap,
                    [list.rawValue.databaseValue, gap.lowerBound.databaseValue, gap.upperBound.databaseValue]))
        }
        answers[list] = answer
        notePoll(of: list, at: sink.now)
    }

    /// Notes the last poll of a list in the block.
    mutating func notePoll(of list: RecordedList, at time: Int64) {
        let answer = answers[list] ?? ListAnswer()
        statements.append(
            PendingStatement(
                .poll,
                [
                    sink.block.databaseValue, list.rawValue.databaseValue, (time - sink.begins).databaseValue,
                    (paces[list]?.pace ?? 0).databaseValue, answer.total?.databaseValue ?? .null,
                    answer.undecodable.databaseValue, answer.isWhole.databaseValue,
                ]))
    }
}

/// What the last answer of a list said about the list itself.
struct ListAnswer: Sendable, Equatable {
    /// The number of rows on the broker.
    var total: Int?
    /// The number of rows that could not be decoded.
    var undecodable = 0
    /// Whether it had every row.
    var isWhole = false
}

/// What was last written of each kind of object.
struct SampleTrackers: Sendable {
    var cluster = SampleTracker<ClusterRecord>()
    var nodes = SampleTracker<NodeRow>()
    var queues = SampleTracker<QueueRow>()
    var exchanges = SampleTracker<ExchangeRow>()
    var connections = SampleTracker<ConnectionRow>()
    var channels = SampleTracker<ChannelRow>()
    var consumers = SampleTracker<ConsumerRow>()
    var client = SampleTracker<ClientRow>()
    var sources = SampleTracker<SourceStatus>()

    /// Writes the state of all objects, with which a block begins.
    mutating func restate(_ sink: inout SampleSink) {
        cluster.restate(&sink)
        nodes.restate(&sink)
        queues.restate(&sink)
        exchanges.restate(&sink)
        connections.restate(&sink)
        channels.restate(&sink)
        consumers.restate(&sink)
        client.restate(&sink)
        sources.restate(&sink)
    }

    /// The number of objects that are there.
    var count: Int {
        nodes.count + queues.count + exchanges.count + connections.count + channels.count + consumers.count
            + client.count + sources.count
    }
}

extension QueueRow {
    /// Makes figures of details unknown that were reported before a time: nobody asks for them any more.
    ///
    /// - Returns: Whether there were any.
    fileprivate mutating func forgetRates(before time: Date) -> Bool {
        guard let detailsAt, detailsAt < time, details?.hasFigures == true else { return false }
        details?.publishRate = nil
        details?.deliverRate = nil
        details?.ackRate = nil
        details?.redeliverRate = nil
        details?.memory = nil
        details?.messageBytes = nil
        details?.idleSince = nil
        details?.headMessageAt = nil
        details?.consumerCapacity = nil
        return true
    }
}

extension QueueDetails {
    /// Whether there are figures that change all the time.
    fileprivate var hasFigures: Bool {
        publishRate != nil || deliverRate != nil || ackRate != nil || redeliverRate != nil || memory != nil
            || messageBytes != nil || idleSince != nil || headMessageAt != nil || consumerCapacity != nil
    }
}
