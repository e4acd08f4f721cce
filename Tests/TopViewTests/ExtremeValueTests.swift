import Foundation
import Screen
import Testing

@testable import TopCore
@testable import TopView

@Suite("Screens of values beyond all measure")
struct ExtremeValueTests {
    static let integers: [Int?] = [nil, 0, -1, .max, .min]
    static let numbers: [Double?] = [
        nil, 0, .leastNonzeroMagnitude, 1e-300, 9.2e18, 1e300, -1e300, .greatestFiniteMagnitude, .infinity, -.infinity,
        .nan,
    ]

    /// Figures that swing between two extremes, so that charts have to draw them.
    private func state(_ integer: Int?, _ number: Double?, _ other: Double?) -> State {
        var state = State(size: Size(width: 120, height: 40), now: Sample.now)
        for step in 0..<6 {
            let at = Sample.now + Double(step) * 5
            let isOdd = step % 2 == 1
            var overview = OverviewRow()
            (overview.ready, overview.unacked) = (isOdd ? integer : 0, integer)
            (overview.publishRate, overview.deliverRate) = (isOdd ? number : other, number)
            (overview.connections, overview.channels, overview.messages) = (integer, integer, integer)
            overview.unroutableRate = number
            overview.connectionOpenRate = number
            var node = NodeRow(name: "rabbit@a", running: true)
            (node.memory, node.memoryLimit, node.diskFree, node.diskFreeLimit) = (integer, 1, integer, integer)
            (node.fileDescriptors, node.fileDescriptorLimit) = (integer, integer)
            node.uptime = number
            var details = QueueDetails()
            (details.publishRate, details.deliverRate, details.memory) = (isOdd ? number : other, number, integer)
            let id = EntityID(vhost: "/", name: "q")
            let depth = QueueDepth(id: id, messages: integer, ready: isOdd ? integer : 0, consumers: integer)
            var row = ConnectionRow(name: "a -> b")
            (row.receiveRate, row.sendRate, row.channels) = (isOdd ? number : other, number, integer)
            var channel = ChannelRow(id: ChannelID(connection: "a -> b", number: integer ?? 1))
            (channel.unacked, channel.prefetch, channel.publishRate) = (integer, integer, number)
            for snapshot in [
                Snapshot.cluster(ClusterPart(at: at, name: "c", overview: overview, nodes: [node])),
                .queuesRich(QueuesRichPart(at: at, queues: [(depth, details)])),
                .connections(ListPart(at: at, rows: [row])), .channels(ListPart(at: at, rows: [channel])),
            ] {
                _ = update(&state, .snapshot(snapshot), at: at)
            }
        }
        return state
    }

    @Test("Header, charts, tables and details are drawn", arguments: numbers.indices)
    func drawn(_ index: Int) {
        for integer in Self.integers {
            for other in [Self.numbers[(index + 3) % Self.numbers.count], 1, nil] {
                var state = state(integer, Self.numbers[index], other)
                for view in [ViewID.overview, .queues, .connections, .channels, .nodes] {
                    state.view = view
                    state.isDetailOpen = view != .overview
                    for size in [
                        Size(width: 80, height: 24), Size(width: 200, height: 60), Size(width: 40, height: 10),
                    ] {
                        for ascii in [false, true] {
                            state.options.ascii = ascii
                            #expect(render(state, size: size, zone: .utc).frame.size == size)
                        }
                    }
                }
            }
        }
    }

    @Test("A user who sees his own connections alone, and no nodes, reads so on the screen")
    func partial() throws {
        var state = State(size: Size(width: 120, height: 40), now: Sample.now)
        var overview = OverviewRow()
        (overview.connections, overview.channels) = (1, 1)
        let part = ClusterPart(
            at: Sample.now, name: "shop", user: "clerk", overview: overview, gaps: [.nodes, .otherConnections])
        _ = update(&state, .snapshot(.cluster(part)), at: Sample.now)
        _ = update(
            &state, .snapshot(.sources([SourceStatus(name: .management, state: .live, lastSuccess: Sample.now)])),
            at: Sample.now)
        func text(_ view: ViewID, _ size: Size = Size(width: 120, height: 40)) -> String {
            state.view = view
            return render(state, size: size, zone: .utc).frame.text
        }
        #expect(text(.connections).contains("only the connections, channels and consumers of user clerk are shown"))
        #expect(text(.connections).contains("Own conns") || text(.connections).contains("own conn"))
        #expect(text(.connections, Size(width: 80, height: 24)).contains("own conn"))
        let nodes = text(.nodes)
        #expect(nodes.contains("user clerk may not ask for the nodes") && !nodes.contains("There are no nodes"))
        #expect(text(.overview).contains("alarms, nodes down and partitions are not known"))
    }

    @Test(
        "What the broker does not tell is said once, in the views that suffer from it", arguments: ClusterGap.allCases)
    func saidOnce(_ gap: ClusterGap) {
        var state = State(size: Size(width: 200, height: 40), now: Sample.now)
        let part = ClusterPart(at: Sample.now, name: "shop", user: "clerk", gaps: [gap])
        _ = update(&state, .snapshot(.cluster(part)), at: Sample.now)
        // Live and without a problem: its answers are as the broker wants them.
        _ = update(
            &state, .snapshot(.sources([SourceStatus(name: .management, state: .live, lastSuccess: Sample.now)])),
            at: Sample.now)
        for view in ViewID.allCases {
            state.view = view
            let text = render(state, size: Size(width: 200, height: 40), zone: .utc).frame.text
            let times = text.ranges(of: gap.words(user: "clerk")).count
            #expect(times == (gap.concerns(view) ? 1 : 0), "\(view): \(text)")
            #expect(text.contains("Not known: the line above says why") == gap.empties(view), "\(view): \(text)")
        }
        #expect(!ClusterGap.otherConnections.concerns(.queues) && ClusterGap.otherConnections.concerns(.consumers))
    }

    @Test("What came of an operation stands once at the foot: in the notice, later on the operation's line")
    func outcomeOnce() {
        let size = Size(width: 120, height: 40)
        var state = State(size: size, now: Sample.now)
        var peek = Activity(id: OperationID(1), title: "messages of orders", startedAt: Sample.now)
        peek.phase = .finished
        peek.endedAt = Sample.now
        peek.progress = "1 message looked at and put back"
        state.activities = [peek]
        func times(_ size: Size) -> Int {
            render(state, size: size, zone: .utc).frame.text.ranges(of: peek.progress).count
        }
        for size in [size, Size(width: 80, height: 24), Size(width: 80, height: 12)] {
            state.notice = .init(peek.outcome, .success, until: Sample.now.addingTimeInterval(4))
            #expect(times(size) == 1, "\(size)")
            state.notice = nil
            #expect(times(size) == 1, "\(size)")
            // Another notice takes nothing away.
            state.notice = .init("Following is off", .info, until: Sample.now.addingTimeInterval(4))
            #expect(times(size) == 1, "\(size)")
        }
    }

    @Test("Without statistics channels and consumers are not known, and nobody waits for them")
    func withoutStatistics() throws {
        var state = State(size: Size(width: 120, height: 40), now: Sample.now)
        let part = ClusterPart(at: Sample.now, name: "shop", user: "guest", gaps: [.statistics])
        _ = update(&state, .snapshot(.cluster(part)), at: Sample.now)
        _ = update(
            &state, .snapshot(.sources([SourceStatus(name: .management, state: .live, lastSuccess: Sample.now)])),
            at: Sample.now)
        for view in [ViewID.channels, .consumers] {
            state.view = view
            let text = render(state, size: Size(width: 120, height: 40), zone: .utc).frame.text
            #expect(text.contains("the broker keeps no statistics"), "\(text)")
            #expect(text.contains("Not known: the line above says why"), "\(text)")
            #expect(!text.contains("Waiting for"))
        }
    }
}
