public import Faults
import Names

extension State {
    /// The row that a finding is about; `nil` when it is about none, or about one that is not known.
    public func rowID(of finding: Finding) -> RowID? {
        switch finding.rule {
        case .alarm, .nodeDown, .partition:
            return nodes.rows.first { finding.where.hasByteSuffix("node \($0.name)") }?.rowID
        case .blockedPublisher, .unknownChannel, .fullPrefetch, .silentConsumer, .lostConsumer, .growingQueue,
            .connectionChurn, .channelChurn, .source:
            return nil
        }
    }
}
