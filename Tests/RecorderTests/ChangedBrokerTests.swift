import Foundation
import Names
import Testing
import TopCore

@testable import Recorder

/// A broker that changes as a whole while it is recorded.
@Suite struct ChangedBrokerTests {
    private func cluster(_ version: String, _ node: Name, at: Date) -> ClusterPart {
        ClusterPart(
            at: at, name: "prod", version: version, user: "monitor", overview: OverviewRow(),
            nodes: [NodeRow(name: node, running: true)])
    }

    @Test("An upgrade and a renamed node: each time is shown as it was")
    func upgrade() throws {
        let recorder = try Recorder.temporary()
        for (version, node, seconds) in [("3.10.8", "rabbit@old", 0.0), ("4.3.6", "rabbit@new", 10)]
            as [(String, Name, Double)]
        {
            let at = noon.addingTimeInterval(seconds)
            recorder.take(.cluster(cluster(version, node, at: at)), at: at)
        }
        recorder.flush()
        func moment(_ seconds: Double) throws -> Moment? {
            try recorder.reader.moment(at: noon.addingTimeInterval(seconds))
        }
        let before = try #require(try moment(5)?.cluster)
        #expect(before.version == "3.10.8")
        #expect(before.nodes.map(\.name) == ["rabbit@old"])
        let after = try #require(try moment(11)?.cluster)
        #expect(after.version == "4.3.6")
        #expect(after.nodes.map(\.name) == ["rabbit@new"])
    }

    @Test("Many queues that are deleted and declared again are the same objects")
    func again() throws {
        let recorder = try Recorder.temporary()
        let many = Dictionary(uniqueKeysWithValues: (0..<3_000).map { ("q\($0)", 7) })
        for (round, depths) in [many, [:], many, [:], many].enumerated() {
            recorder.take(depths, at: Double(round) * 10)
        }
        recorder.flush()
        #expect(try recorder.reader.depths(at: 5) == many)
        #expect(try recorder.reader.depths(at: 15) == [:])
        #expect(try recorder.reader.depths(at: 41) == many)
        #expect(try recorder.reader.count("object") == many.count)
    }

    @Test("What passive declares change within a second is recorded with the next report, also one that repeats it")
    func live() throws {
        let recorder = try Recorder.temporary()
        recorder.take(["q": 1], at: 0)
        func declare(_ ready: Int, at seconds: Double) {
            let at = noon.addingTimeInterval(seconds)
            let depth = QueueDepth(id: EntityID(vhost: "/", name: "q"), ready: ready, consumers: 2)
            recorder.take(.queuesLive(QueuesLivePart(at: at, depths: [depth], gone: [])), at: at)
        }
        declare(2, at: 5)
        declare(3, at: 5.4)
        declare(3, at: 6.2)
        recorder.flush()
        #expect(try recorder.reader.depths(at: 5.1) == ["q": 2])
        #expect(try recorder.reader.depths(at: 6.3) == ["q": 3])
    }

    @Test("Figures of details that nobody asks for any more become unknown, once")
    func outdated() throws {
        let recorder = try Recorder.temporary()
        var details = QueueDetails()
        details.publishRate = 5
        let depth = QueueDepth(id: EntityID(vhost: "/", name: "q"), messages: 2, ready: 1, unacked: 1, consumers: 2)
        recorder.take(.queuesRich(QueuesRichPart(at: noon, queues: [(depth, details)])), at: noon)
        for seconds in stride(from: 5.0, through: 90, by: 5) { recorder.take(["q": 1], at: seconds) }
        recorder.flush()
        func rate(_ seconds: Double) throws -> Double? {
            try recorder.reader.moment(at: noon.addingTimeInterval(seconds))?.queues?.rows.first?.details?.publishRate
        }
        #expect(try rate(20) == 5)
        #expect(try rate(89) == nil)
        // The first report, the change of its source, and the end of its rate.
        #expect(try recorder.reader.count("queue_recent") <= 3)
    }
}
