import Faults
import Foundation
import Names
import RabbitMQManagement
import Testing
import TopCore

@testable import rabbittop

/// A recording says of each time what `snapshot` said then: in every view, every column, every source.
@Suite struct ReplayEqualsSnapshotTests {
    /// The views of which `snapshot` prints rows.
    private static let views = ViewID.tabs.filter { $0 != .lab }

    /// What the client library reports of a connection, a channel of it, and of another process.
    private static func clients(_ step: Int, at now: Date) -> Snapshot {
        var connection = ClientRow(
            id: ClientRowID(connection: 7, channel: nil), connection: "127.0.0.1:5 -> 127.0.0.1:5672", state: "open")
        connection.name = "rabbittop"
        connection.vhost = "/"
        connection.pools = [
            ClientPool(
                name: "publishing", size: 8, open: 3, inUse: step, idle: 3 - step, waiting: 0, discarded: 1,
                timeouts: 0,
                longestWait: 0.25)
        ]
        var channel = ClientRow(
            id: ClientRowID(connection: 7, channel: 3, epoch: 2), connection: connection.connection,
            state: "recovering")
        channel.name = "rabbittop"
        channel.channel = 3
        channel.channelState = "recovering"
        channel.inFlight = step
        channel.unconfirmed = 10 * step
        channel.unacked = 5
        channel.consumers = 1
        channel.lastErrorCode = 406
        channel.lastErrorText = "PRECONDITION_FAILED - unknown delivery tag 1"
        channel.brokerState = "running"
        channel.brokerAgrees = step == 1
        channel.disagreement = step == 1 ? nil : "the broker counts 6 unacked"
        channel.pool = "publishing"
        var attached = connection
        attached.id = ClientRowID(connection: 7, channel: nil, isAttached: true)
        attached.process = "orders (4242)"
        attached.at = now
        return .client(ListPart(at: now, rows: [connection, channel, attached]))
    }

    /// A broker whose figures are different in each step, and which lacks a queue in one of them.
    private static func broker(_ sample: SampleBroker, _ step: Int) -> SampleBroker {
        var broker = sample
        broker.keeps = { list, row in
            !(step == 1 && list == "queues-page" && row["name"]?.text == "orders.quorum")
        }
        broker.edit = { _, row in row = row.mapValues { changed($0, step) } }
        return broker
    }

    /// Changes rates, memory and what else is measured; what are numbers of another kind stay.
    private static func changed(_ value: JSONValue, _ step: Int) -> JSONValue {
        guard var members = value.members else { return value }
        for (key, member) in members {
            if key == "rate", let rate = member.doubleValue {
                members[key] = .number(rate * 1.234_567 + Double(step))
            } else if key.text.hasSuffix("_used") || key == "memory" || key.hasPrefix("messages"),
                let number = member.integerValue
            {
                members[key] = .integer(number &+ Int64(step) * 77_777)
            } else {
                members[key] = changed(member, step)
            }
        }
        return .object(members)
    }

    @Test(arguments: SampleBroker.versions)
    func everyViewOfEveryVersion(_ sample: SampleBroker) throws {
        let recording = try WatchedRecording()
        var said: [(time: Date, view: ViewID, text: String)] = []
        let entries = try sample.entries(from: WatchedRecording.noon)
        try #require(entries.count > 5)
        for step in 0..<3 {
            let now = WatchedRecording.noon.addingTimeInterval(Double(step) * 10)
            recording.take(try Self.broker(sample, step).snapshots(at: now), at: now)
            recording.take([Self.clients(step, at: now)], at: now)
            let told = entries.filter { $0.at <= now && $0.at > now.addingTimeInterval(-10) }
            recording.take(.entries(told, dropped: 0), at: now)
            for view in Self.views { said.append((now, view, try recording.snapshot(of: view))) }
        }
        for (time, view, text) in said {
            // Until the next poll the same is true, and only ages grow.
            let recorded = try recording.snapshot(of: view, at: time)
            #expect(JSONDifference.between(text, recorded) == [], "\(view) at \(time)")
        }
    }
}

/// The places at which two texts of JSON differ. Rates are recorded in thousandths.
private enum JSONDifference {
    static func between(_ one: String, _ other: String) -> [String] {
        guard let one = JSONValue(parsing: one), let other = JSONValue(parsing: other) else { return ["not JSON"] }
        var found: [String] = []
        compare(one, other, "", &found)
        return found
    }

    private static func compare(_ one: JSONValue, _ other: JSONValue, _ place: String, _ found: inout [String]) {
        if let left = one.members, let right = other.members {
            for key in Set(left.keys).union(right.keys).sorted() {
                compare(left[key] ?? .null, right[key] ?? .null, "\(place).\(key)", &found)
            }
        } else if let left = one.elements, let right = other.elements {
            if left.count != right.count { found.append("\(place): \(left.count) and \(right.count) elements") }
            for (index, pair) in zip(left, right).enumerated() {
                compare(pair.0, pair.1, "\(place)[\(index)]", &found)
            }
        } else if let left = one.doubleValue, let right = other.doubleValue {
            if abs(left - right) > 0.000_501 { found.append("\(place): \(left) and \(right)") }
        } else if one != other {
            found.append("\(place): \(one) and \(other)")
        }
    }
}
