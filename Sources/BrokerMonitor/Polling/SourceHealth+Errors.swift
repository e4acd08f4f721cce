import Names
import RabbitMQClient
import RabbitMQManagement
import TopCore

extension SourceHealth.Trouble {
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
            self.init(state: .notEnabled, problem: Self.clause(error.whatHappened), advice: advice)
        case .notEnabled(let reason):
            self.init(state: .notEnabled, problem: Self.clause(reason), advice: advice)
        case .unreachable(let reason):
            self.init(state: .unreachable, problem: Self.clause("\(reason): \(error.address)"), advice: advice)
        case .timedOut:
            self.init(
                state: .unreachable, problem: "no answer from \(error.address)",
                advice: "The broker may be frozen or overloaded; rabbittop asks again every second.")
        default:
            self.init(state: .unreachable, problem: Self.clause(error.whatHappened), advice: advice)
        }
    }

    /// - Parameter isGuess: whether the address is assumed and AMQP has not been confirmed there.
    init(_ error: ClientError, address: String, isGuess: Bool) {
        var state: SourceStatus.State =
            switch error.code {
            case .accessRefused, .virtualHostRefused, .mechanismNotOffered: .denied
            default: error.closeReason?.code == 403 ? .denied : .unreachable
            }
        if isGuess, state == .unreachable { state = .notEnabled }
        var problem = Self.clause(error.closeReason?.words ?? error.message)
        if error.code == .timeout || error.code == .handshakeTimeout { problem = "no answer over AMQP from \(address)" }
        self.init(state: state, problem: problem, advice: Self.line(error.advice))
    }

    private static func line(_ text: String) -> String {
        text.lineList.joined(separator: " ")
    }

    /// Returns a problem on one line without its full stop, because an age follows it.
    static func clause(_ text: String) -> String {
        let line = line(text)
        return line.hasByteSuffix(".") ? String(line.dropLast()) : line
    }
}

extension ClientError {
    /// Whether this user has no access to the vhost. RabbitMQ uses the same code 530 for a missing vhost and for a
    /// reached limit, and distinguishes them in the text only.
    var isNoAccess: Bool {
        guard code == .virtualHostRefused else { return false }
        let text = closeReason?.text ?? ""
        return !text.hasByteSuffix("is reached") && !text.hasByteSuffix("not found")
    }
}

extension ManagementError {
    /// What the error means for the next request.
    var result: AskResult {
        switch code {
        case .unreachable, .tlsFailed, .otherHost, .badSettings, .timedOut, .notJSON, .truncated, .redirected,
            .unexpectedStatus:
            .dead
        case .noCredentials, .badCredentials, .notPermitted: .denied
        case .notFound, .methodNotAllowed, .pageOutOfRange, .badRequest, .statisticsDisabled, .serverError,
            .unavailable,
            .unexpectedAnswer, .tooLarge, .tooManyRows, .unaddressable, .readOnly, .notEnabled, .cancelled, .shutDown:
            .refused
        }
    }
}
