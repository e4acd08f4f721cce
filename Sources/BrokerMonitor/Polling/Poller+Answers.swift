import Foundation
import Names
import RabbitMQClient
import RabbitMQManagement
import TopCore

// What the end of a request to the management API says about the source.
extension Poller {
    func managementAnswered() {
        guard believes(.management) else { return }
        let limitation = limitation
        sourceHealth.answered(
            .management, at: clock.date(), interval: 5, problem: limitation?.problem, advice: limitation?.advice)
    }

    var limitation: SourceHealth.Trouble? { limitations.values.map(\.trouble).min { $0.problem < $1.problem } }

    /// Records the refusal of a request, unless another subject is wanted by now.
    func limit(_ ask: Ask, _ trouble: SourceHealth.Trouble?, _ subject: Int?) {
        // What is refused in the background is missing nowhere on the screen.
        guard let subject, !plan.isBackground(ask), plan.subject(of: ask) == subject else { return }
        limitations[ask] = trouble.map { Limitation(trouble: $0, subject: subject) }
    }

    var gapTrouble: SourceHealth.Trouble? {
        guard !gaps.isEmpty else { return nil }
        let words = gaps.map { $0.words(user: identity?.name) }.joined(separator: "; ")
        return SourceHealth.Trouble(state: .live, problem: words, advice: gaps.first?.advice(user: identity?.name))
    }

    func failed(_ error: ManagementError, _ ask: Ask, _ subject: Int? = nil) -> AskResult {
        if case .cancelled = error.code { return .skipped }
        var result = error.result
        // A user may have access to a part of the API; only a user who may not even request its own identity has none.
        if result == .denied, ask != .pulse, case .notPermitted = error.code { result = .refused }
        // A list that takes too long does not mean a dead broker; the pulse decides that.
        if case .timedOut = error.code, ask != .pulse {
            plan.hurry(at: clock.uptime()) { $0 == .pulse }
            return .refused
        }
        switch result {
        case .dead, .denied:
            sourceHealth.failed(.management, SourceHealth.Trouble(error))
        case .refused:
            // It answers, but not every request; this is shown while it stays live.
            switch error.code {
            case .notFound: limit(ask, nil, subject)
            case .notPermitted:
                limit(ask, closedVhost(of: ask).map(Self.noAccess) ?? SourceHealth.Trouble(error), subject)
            default: limit(ask, SourceHealth.Trouble(error), subject)
            }
            managementAnswered()
        case .answered, .skipped: break
        }
        entrance.logger.debug("\(error)")
        return result
    }
}
