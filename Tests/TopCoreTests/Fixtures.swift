import Faults
import Foundation
import Names
import Screen

@testable import TopCore

/// The present of most tests.
let noon = Date(timeIntervalSince1970: 1_763_726_400)

func makeState(_ change: (inout State.Options) -> Void = { _ in }) -> State {
    var options = State.Options()
    options.target = "localhost:15672"
    change(&options)
    var state = State(size: Size(width: 100, height: 30), options: options, now: noon)
    _ = update(&state, .viewport(rows: 20), at: noon)
    return state
}

extension State {
    /// Presses keys one after the other; the actions of all but polling.
    @discardableResult
    mutating func type(_ keys: Key..., at now: Date? = nil) -> [Action] {
        keys.flatMap { send(.key($0), at: now) }
    }

    @discardableResult
    mutating func type(text: String) -> [Action] {
        text.flatMap { send(.key(.character($0))) }
    }

    /// Sends an event; what is done outside but polling.
    @discardableResult
    mutating func send(_ event: Event, at time: Date? = nil) -> [Action] {
        update(&self, event, at: time ?? clock).filter { action in
            switch action {
            case .watch, .curves: false
            case .start, .cancel, .seek, .record, .copy, .watchClusters, .switchCluster, .enterCluster, .quit: true
            }
        }
    }

    @discardableResult
    mutating func send(_ snapshot: Snapshot, at time: Date? = nil) -> [Action] {
        send(.snapshot(snapshot), at: time)
    }

    var confirmation: ConfirmationPrompt? {
        if case .confirmation(let confirmation) = overlay { confirmation } else { nil }
    }

    var form: Form? {
        if case .form(let form) = overlay { form } else { nil }
    }

    var picker: Picker? {
        if case .picker(let picker) = overlay { picker } else { nil }
    }

    var browser: MessageBrowser? {
        if case .browser(let browser) = overlay { browser } else { nil }
    }

    var queueNames: [Name] { queues.sortedRows.map(\.name) }
}

func queue(_ name: Name, vhost: Name = "/") -> EntityID { EntityID(vhost: vhost, name: name) }

func depth(
    _ name: Name, vhost: Name = "/", ready: Int? = nil, unacked: Int? = nil, consumers: Int? = nil,
    messages: Int? = nil
) -> QueueDepth {
    QueueDepth(id: queue(name, vhost: vhost), messages: messages, ready: ready, unacked: unacked, consumers: consumers)
}

func bulk(
    _ depths: [QueueDepth], at: Date = noon, node: Name? = "rabbit@a", source: DepthSource = .prometheus,
    isComplete: Bool = true, vhost: Name? = nil
) -> Snapshot {
    .queueDepths(
        QueueDepthsPart(at: at, source: source, node: node, vhost: vhost, depths: depths, isComplete: isComplete))
}

func live(_ depths: [QueueDepth], at: Date = noon, gone: [EntityID] = []) -> Snapshot {
    .queuesLive(QueuesLivePart(at: at, depths: depths, gone: gone))
}

func rich(_ depth: QueueDepth, at: Date = noon, _ change: (inout QueueDetails) -> Void = { _ in }) -> Snapshot {
    var details = QueueDetails()
    details.type = "classic"
    change(&details)
    return .queuesRich(QueuesRichPart(at: at, queues: [(depth, details)]))
}

let orders: Name = "10.0.0.7:50640 -> 10.0.0.1:5672"
let billing: Name = "10.0.0.8:41000 -> 10.0.0.1:5672"

func connection(_ name: Name, _ change: (inout ConnectionRow) -> Void = { _ in }) -> ConnectionRow {
    var row = ConnectionRow(name: name)
    change(&row)
    return row
}

func channel(_ connection: Name, _ number: Int, _ change: (inout ChannelRow) -> Void = { _ in }) -> ChannelRow {
    var row = ChannelRow(id: ChannelID(connection: connection, number: number))
    change(&row)
    return row
}

func consumer(_ name: Name, _ connection: Name, _ number: Int, tag: Name = "ctag") -> ConsumerRow {
    ConsumerRow(
        id: ConsumerID(
            queue: queue(name), channel: ChannelID(connection: connection, number: number), tag: tag))
}

func list<Row>(_ rows: [Row], at: Date = noon) -> ListPart<Row> { ListPart(at: at, rows: rows) }

func later(_ seconds: Double) -> Date { noon.addingTimeInterval(seconds) }

func ledgerEntry(_ text: String, at: Date = noon, code: Int? = nil, connection: Name? = nil, channel: Int? = nil)
    -> LedgerEntry
{
    LedgerEntry(
        at: at, kind: .error, scope: channel == nil ? .connection : .channel, connection: connection?.text,
        channel: channel,
        code: code, text: text, source: .logExchange)
}
