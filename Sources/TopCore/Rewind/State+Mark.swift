import Faults
import Foundation
import Names

extension State {
    /// What is known at the time that is shown.
    public var moment: Moment {
        var moment = Moment(at: now)
        moment.cluster = cluster
        moment.queues = queues.part(isWhole: hasAllQueues)
        let isWide = scope == nil && vhost == nil
        moment.connections = connections.part(isWhole: isWide)
        moment.channels = channels.part(isWhole: isWide)
        moment.consumers = consumers.part(isWhole: isWide)
        moment.exchanges = exchanges.part(isWhole: isWide)
        moment.client = client.part(isWhole: true)
        moment.configuration = configuration
        moment.sources = sources
        moment.faults = faults
        moment.entries = events.rows
        moment.findings = diagnosis.findings
        return moment
    }

    mutating func setMark() {
        mark = moment
        tell("Marked \(words(now)): M shows what changed since", .success)
    }
}

extension Table {
    /// Returns the rows as a list; `nil` when nothing is known.
    ///
    /// - Parameter isWhole: Whether all rows were asked for. They were not where the view is filtered.
    fileprivate func part(isWhole: Bool) -> ListPart<Row>? where Row: Equatable {
        guard let at else { return nil }
        var rows = rows
        if let ended, let place = places[ended.id] { rows.remove(at: place) }
        // A list without all rows says so by a total above their number.
        let isComplete = isWhole && filter == .none && total <= rows.count && undecodable == 0
        return ListPart(
            at: at, rows: rows, total: isComplete ? rows.count : max(total, rows.count + 1), undecodable: undecodable,
            isWhole: isComplete)
    }
}
