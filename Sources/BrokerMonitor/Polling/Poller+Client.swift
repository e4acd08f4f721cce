import Foundation
import RabbitMQClient
import TopCore

extension Poller {
    /// Posts the connections and channels of this process and of the attached one, compared with what the broker
    /// reports of them.
    func pollClient() -> AskResult {
        let report = own.report(with: configuration.registry)
        let at = Date(timeIntervalSince1970: report.madeAt)
        postClients(report, at: at)
        sourceHealth.answered(.client, at: at, interval: max(0.2, interest.interval))
        return .answered
    }

    /// Reads the report of the attached process. Its failure does not mean that the broker has failed.
    func pollAttached() async -> AskResult {
        guard let attached else { return .skipped }
        let interval = max(0.5, interest.interval)
        switch await attached.report() {
        case .report(let report):
            let at = clock.date()
            attachedReport = (report, at)
            sourceHealth.answered(.attached, at: at, interval: interval)
        case .trouble(let trouble):
            guard !Task.isCancelled else { return .skipped }
            sourceHealth.failed(.attached, trouble)
        }
        postClients(own.report(with: configuration.registry), at: clock.date())
        return .answered
    }

    private func postClients(_ report: ClientReport, at: Date) {
        let comparison = ClientComparison(
            connections: Self.latest(connections, wholeConnections), channels: Self.latest(channels, wholeChannels),
            namesByID: namesByID)
        var rows = comparison.rows(report, suspicions: &suspicions)
        if let (report, received) = attachedReport {
            let speaker = ClientComparison.Speaker(
                attached: report, receivedAt: received,
                isCurrent: sourceHealth.status(.attached)?.isFresh(at: clock.date()) ?? false)
            rows += comparison.rows(report, of: speaker, suspicions: &attachedSuspicions)
        }
        inbox.post(.client(ListPart(at: at, rows: rows)))
    }

    private static func latest<Row>(_ one: ListPart<Row>?, _ other: ListPart<Row>?) -> ListPart<Row>? {
        guard let one, let other else { return one ?? other }
        return one.at > other.at ? one : other
    }
}
