import Foundation
import RabbitMQClient
import TopCore

extension Poller {
    /// The connections and channels of this process and of the attached one, beside what the broker says of them.
    func pollClient() -> AskResult {
        let report = own.report(with: configuration.registry)
        let at = Date(timeIntervalSince1970: report.madeAt)
        postClients(report, at: at)
        sourceHealth.answered(.client, at: at, interval: max(0.2, interest.interval))
        return .answered
    }

    /// What the attached process's clients do. Its trouble is no sign that the broker has any.
    func pollAttached() async -> AskResult {
        guard let attached else { return .skipped }
        let interval = max(0.5, interest.interval)
        switch await attached.report() {
        case .report(let report):
            let at = Date()
            attachedReport = (report, at)
            sourceHealth.answered(.attached, at: at, interval: interval)
        case .trouble(let trouble):
            guard !Task.isCancelled else { return .skipped }
            sourceHealth.failed(.attached, trouble)
        }
        postClients(own.report(with: configuration.registry), at: Date())
        return .answered
    }

    private func postClients(_ report: ClientReport, at: Date) {
        let comparison = ClientComparison(
            connections: connections, channels: channels, namesByID: namesByID)
        var rows = comparison.rows(report, suspicions: &suspicions)
        if let (report, received) = attachedReport {
            let speaker = ClientComparison.Speaker(
                attached: report, receivedAt: received,
                isCurrent: sourceHealth.status(.attached)?.isFresh(at: Date()) ?? false)
            rows += comparison.rows(report, of: speaker, suspicions: &attachedSuspicions)
        }
        inbox.post(.client(ListPart(at: at, rows: rows)))
    }
}
