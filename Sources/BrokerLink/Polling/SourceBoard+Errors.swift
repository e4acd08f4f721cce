import Names
import RabbitMQClient
import RabbitMQManagement
import TopCore

extension SourceBoard.Trouble {
    init(_ error: ManagementError) {
        let advice = Self.line(error.whatToDo)
        switch error.code {
        case .noCredentials, .badCredentials:
            self.init(state: .denied, problem: "user or password refused by \(error.address)", advice: advice)
        case .notPermitted:
            self.init(
                state: .denied, problem: "the user may not use the management API of \(error.address)",
                advice: "rabbitmqctl set_user_tags USER monitoring")
        case .statisticsDisabled:
            self.init(state: .notEnabled, problem: Self.line(error.whatHappened), advice: advice)
        case .notEnabled(let reason):
            self.init(state: .notEnabled, problem: Self.line(reason), advice: advice)
        case .unreachable(let reason):
            self.init(state: .unreachable, problem: Self.line("\(reason): \(error.address)"), advice: advice)
        case .timedOut:
            self.init(
                state: .unreachable, problem: "no answer from \(error.address)",
                advice: "The broker may be frozen or overloaded; rabbittop asks again every second.")
        default:
            self.init(state: .unreachable, problem: Self.line(error.whatHappened), advice: advice)
        }
    }

    init(_ error: ClientError, address: String) {
        var state: SourceStatus.State =
            switch error.code {
            case .accessRefused, .virtualHostRefused, .mechanismNotOffered: .denied
            default: error.closeReason?.code == 403 ? .denied : .unreachable
            }
        // Nobody said that AMQP is spoken there.
        if error.advice == AssumedAddress.advice { state = .notEnabled }
        var problem = Self.line(error.closeReason.map { "\($0.code) \($0.name): \($0.text)" } ?? error.message)
        if error.code == .timeout || error.code == .handshakeTimeout { problem = "no answer over AMQP from \(address)" }
        self.init(state: state, problem: problem, advice: Self.line(error.advice))
    }

    private static func line(_ text: String) -> String {
        text.lineList.joined(separator: " ")
    }
}

extension ManagementError {
    /// What it means for the next request.
    var result: AskResult {
        switch code {
        case .unreachable, .tlsFailed, .otherHost, .badSettings, .timedOut, .notJSON, .truncated, .redirected,
            .unexpectedStatus:
            .dead
        case .noCredentials, .badCredentials, .notPermitted: .denied
        case .notFound, .methodNotAllowed, .pageOutOfRange, .badRequest, .statisticsDisabled, .serverError,
            .unavailable,
            .unexpectedAnswer, .tooLarge, .unaddressable, .readOnly, .notEnabled, .cancelled, .shutDown:
            .refused
        }
    }
}
