import Foundation
import Names
import RabbitMQManagement
import Recorder
import Testing
import TopCore

@testable import rabbittop

/// Recordings of brokers of different versions, and of one that changes while it is recorded.
@Suite struct AcrossVersionsTests {
    private static let noon = WatchedRecording.noon

    /// A recording of what one version answers, for half a minute.
    private func recording(_ version: String) throws -> WatchedRecording {
        let recording = try WatchedRecording()
        let broker = SampleBroker(version: version)
        for seconds in stride(from: 0.0, through: 30, by: 5) {
            let now = Self.noon.addingTimeInterval(seconds)
            recording.take(try broker.snapshots(at: now), at: now)
        }
        return recording
    }

    @Test func aRecordingOf310ReplaysBesideOneOf43() throws {
        let old = try recording("3.10.8")
        let new = try recording("4.3.6")
        let time = Self.noon.addingTimeInterval(20)
        for view in ViewID.tabs where view != .lab && view != .events && view != .client {
            let texts = try [old, new].map { try $0.snapshot(of: view, at: time) }
            #expect(texts.allSatisfy { !$0.contains(#""rows":[]"#) }, "\(view)")
        }
        let difference = Difference(from: try old.moment(at: time), to: try new.moment(at: time))
        let versions = difference.changed.filter { $0.field == "version" }
        #expect(versions.contains { $0.before == .text("3.10.8") && $0.after == .text("4.3.6") })
        // What a 4.3 broker has and 3.10 did not.
        let flags = difference.new.filter { $0.what == .configured(.featureFlag) }.map(\.name)
        #expect(flags.contains("khepri_db") && flags.contains("stream_filtering"))
        #expect(!difference.gone.contains { $0.what == .configured(.featureFlag) })
    }

    /// The samples were taken of brokers on which the same was declared.
    @Test(arguments: [("3.10.8", "4.0.5"), ("3.10.8", "4.3.6"), ("4.0.5", "4.3.6"), ("4.3.6", "3.10.8")])
    func whatOneVersionDoesNotTellDidNotChange(_ from: String, _ to: String) throws {
        let time = Self.noon.addingTimeInterval(20)
        let difference = Difference(from: try recording(from).moment(at: time), to: try recording(to).moment(at: time))
        for kind in [ConfigurationItem.Kind.queueArguments, .exchange, .binding, .policy, .parameter] {
            #expect(difference.counts[.configured(kind)] == nil, "\(kind): \(difference.text())")
        }
        #expect(!difference.changed.contains { $0.before == .none || $0.after == .none })
        let queues = difference.changed.filter { $0.item.what == .queue || $0.item.what == .exchange }
        #expect(queues.allSatisfy { $0.isMeasured }, "\(queues)")
        // Clients have other ports, and so have the findings about them.
        let passing: [Difference.What] = [.finding, .connection, .channel, .consumer, .configured(.featureFlag)]
        #expect(difference.gone.filter { !passing.contains($0.what) } == [], "\(difference.text())")
    }

    /// A broker of version 3.10 is stopped, upgraded and started as 4.3 while it is recorded.
    @Test func aBrokerThatIsUpgradedWhileItIsRecorded() throws {
        let recording = try WatchedRecording()
        for (start, version) in [(0.0, "3.10.8"), (120, "4.3.6")] {
            for seconds in stride(from: start, through: start + 60, by: 5) {
                let now = Self.noon.addingTimeInterval(seconds)
                recording.take(try SampleBroker(version: version).snapshots(at: now), at: now)
            }
            // It is away for a minute.
            let gone = Self.noon.addingTimeInterval(start + 62)
            let source = SourceStatus(
                name: .management, state: .stale, lastSuccess: gone.addingTimeInterval(-2),
                problem: "connection refused")
            recording.take([.sources([source])], at: gone)
        }
        let reader = try recording.reader()
        func moment(_ seconds: Double) throws -> Moment {
            try #require(try reader.moment(at: Self.noon.addingTimeInterval(seconds)))
        }
        #expect(try moment(50).cluster?.version == "3.10.8")
        #expect(try moment(50).cluster?.nodes.map(\.version) == ["3.10.8"])
        let away = try moment(110)
        #expect(away.cluster == nil && away.queues == nil, "nothing is known while it is away")
        #expect(away.sources.first?.problem == "connection refused")
        let after = try moment(170)
        #expect(after.cluster?.version == "4.3.6" && after.cluster?.nodes.map(\.version) == ["4.3.6"])
        let difference = Difference(from: try moment(50), to: after)
        let version = try #require(difference.changed.first { $0.item.what == .configured(.version) })
        #expect("\(version.before)".contains("3.10.8") && "\(version.after)".contains("4.3.6"))
        #expect(difference.counts[.node]?.gone ?? 0 == 0, "the node has kept its name")
        let report = try reader.incident(from: Self.noon, to: Self.noon.addingTimeInterval(180))
        #expect(report.html(at: Self.noon).contains("3.10.8, then 4.3.6"))
        #expect(reader.info.brokerVersion == "4.3.6")
    }

    /// A node is renamed: its queues move with it, and the name of the cluster may follow.
    @Test func aNodeThatIsRenamedWhileItIsRecorded() throws {
        let recording = try WatchedRecording()
        for seconds in stride(from: 0.0, through: 120, by: 5) {
            var broker = SampleBroker(version: "4.0.5")
            if seconds >= 60 {
                broker.edit = { list, row in
                    if list == "nodes" { row["name"] = .string("rabbit@renamed") }
                    if row["node"] != nil { row["node"] = .string("rabbit@renamed") }
                    if list == "overview" { row["cluster_name"] = .string("production") }
                }
            }
            let now = Self.noon.addingTimeInterval(seconds)
            recording.take(try broker.snapshots(at: now), at: now)
        }
        let reader = try recording.reader()
        let before = try #require(try reader.moment(at: Self.noon.addingTimeInterval(50)))
        let after = try #require(try reader.moment(at: Self.noon.addingTimeInterval(115)))
        #expect(after.cluster?.nodes.map(\.name) == ["rabbit@renamed"])
        let difference = Difference(from: before, to: after)
        #expect(difference.gone.filter { $0.what == .node }.map(\.name) == ["rabbit@localhost"])
        #expect(difference.new.filter { $0.what == .node }.map(\.name) == ["rabbit@renamed"])
        #expect(difference.counts[.queue]?.gone ?? 0 == 0 && difference.counts[.queue]?.new ?? 0 == 0)
        #expect(difference.changed.contains { $0.item.what == .queue && $0.field == "node" })
        #expect(difference.changed.contains { $0.field == "name" && $0.after == .text("production") })
        // A queue is the same whatever node it is on: its curve goes on.
        let queue = try #require(after.queues?.rows.first { $0.ready != nil })
        let request = CurveRequest(
            .queue(queue.id), .ready, from: Self.noon, to: Self.noon.addingTimeInterval(120), points: 100)
        let curve = try #require(try reader.curves([request]).first)
        #expect(!curve.points.isEmpty && !curve.points.contains(where: \.followsGap))
        let memory = CurveRequest(
            .node("rabbit@localhost"), .memory, from: Self.noon, to: Self.noon.addingTimeInterval(120), points: 100)
        let old = try #require(try reader.curves([memory]).first)
        #expect(old.knownUntil == Self.noon.addingTimeInterval(60), "the curve of the old name ends with it")
    }
}

extension Difference.Change {
    /// Whether the value is measured, and so may differ between two brokers that have the same.
    fileprivate var isMeasured: Bool {
        ["ready", "unacked", "consumers", "bindings_out", "node", "state"].contains(field) || field.hasSuffix("_rate")
    }
}
