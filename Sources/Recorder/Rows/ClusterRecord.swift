import Foundation
import Names
import TopCore

/// The cluster's part without its nodes, which are objects of their own.
struct ClusterRecord: Sendable, Codable, Equatable {
    var overview = OverviewRow()
    var name: String?
    var version: String?
    var user: Name?
    var gaps: [ClusterGap] = []
    var stoppedVhosts: [VhostState]?
    var tracedVhosts: [Name]?
    var ratesMode: String?
    var hiddenVhosts: [Name] = []

    init() {}

    init(_ part: ClusterPart) {
        overview = part.overview
        name = part.name
        version = part.version
        user = part.user
        gaps = part.gaps
        stoppedVhosts = part.stoppedVhosts
        tracedVhosts = part.tracedVhosts
        ratesMode = part.ratesMode
        hiddenVhosts = part.hiddenVhosts
    }

    /// Creates the cluster's part.
    func part(at: Date, nodes: [NodeRow]) -> ClusterPart {
        var part = ClusterPart(
            at: at, name: name, version: version, user: user, overview: overview, nodes: nodes, gaps: gaps)
        part.stoppedVhosts = stoppedVhosts
        part.tracedVhosts = tracedVhosts
        part.ratesMode = ratesMode
        part.hiddenVhosts = hiddenVhosts
        return part
    }
}

extension ClusterRecord: RecordedRow {
    typealias Rest = ClusterRecord

    static let kind = ObjectKind.overview
    static let figures: [Figure<Self>] = [
        .count(.ready, \.overview.ready), .count(.unacked, \.overview.unacked),
        .count(.messages, \.overview.messages), .rate(.publishRate, \.overview.publishRate),
        .rate(.deliverRate, \.overview.deliverRate), .rate(.ackRate, \.overview.ackRate),
        .count(.connections, \.overview.connections), .count(.channels, \.overview.channels),
        .count(.queues, \.overview.queues), .count(.consumers, \.overview.consumers),
        .count(.exchanges, \.overview.exchanges), .count(.nodesRunning, \.overview.nodesRunning),
        .count(.nodes, \.overview.nodes), .rate(.connectionOpenRate, \.overview.connectionOpenRate),
        .rate(.connectionCloseRate, \.overview.connectionCloseRate),
        .rate(.channelOpenRate, \.overview.channelOpenRate),
        .rate(.channelCloseRate, \.overview.channelCloseRate), .rate(.unroutableRate, \.overview.unroutableRate),
    ]
    static let emptyRest: ClusterRecord = ClusterRecord()

    var identity: ObjectIdentity { ObjectIdentity(name: "") }
    var rest: ClusterRecord { withoutFigures }

    init?(_ identity: ObjectIdentity, rest: ClusterRecord, at: Date) {
        self = rest
    }
}
