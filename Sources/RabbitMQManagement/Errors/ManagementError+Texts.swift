extension ManagementError: CustomStringConvertible {
    /// What happened, with the broker's own text.
    public var description: String {
        guard let brokerReply, !whatHappened.contains(brokerReply) else { return "\(request): \(whatHappened)" }
        return "\(request): \(whatHappened) The broker said: \(brokerReply)"
    }

    /// What happened, as one sentence.
    public var whatHappened: String {
        switch code {
        case .unreachable(let reason): "\(address) cannot be reached: \(reason)."
        case .tlsFailed(let reason): "TLS with \(address) failed: \(reason)."
        case .otherHost(let host, let names):
            "The certificate of \(address) is not for \(host ?? "that host")"
                + (names.isEmpty ? "." : "; it is for \(names.joined(separator: ", ")).")
        case .badSettings(let reason, _): "The settings cannot be used: \(reason)."
        case .redirected(let target): "\(address) redirects this request\(target.map { ": to \($0.url)" } ?? "")."
        case .timedOut(let duration): "\(address) gave no complete answer within \(Self.seconds(duration))."
        case .noCredentials: "\(address) requires a user and a password."
        case .badCredentials: "\(address) refused the user or the password."
        case .notPermitted: "The user is not permitted to request this of \(address)."
        case .notFound: "\(address) has no such object, or the user has no access to its virtual host."
        case .methodNotAllowed(let allowed):
            "\(address) does not do this" + (allowed.isEmpty ? "." : ", only \(allowed.joined(separator: ", ")).")
        case .pageOutOfRange: "The list has become shorter than the page that was asked for."
        case .badRequest(let reason): "\(address) refused the request: \(reason)."
        case .statisticsDisabled: "\(address) keeps no statistics, which this answer consists of."
        case .serverError(let status): "\(address) failed on the request (\(status))."
        case .unavailable(let reason): "\(address) cannot serve now: \(reason)."
        case .unexpectedStatus(let status): "\(address) answered with status \(status), which this API does not use."
        case .notJSON(let type):
            "What answers at \(address) is not what was expected there" + (type.map { " (\($0))." } ?? ".")
        case .unexpectedAnswer(let reason): "\(address) sent an answer of an unexpected form: \(reason)."
        case .truncated: "The answer of \(address) is incomplete."
        case .tooLarge(let limit): "The answer of \(address) is longer than \(limit) bytes."
        case .tooManyRows(let limit): "The answer of \(address) lists more than \(limit) queues."
        case .unaddressable(let name):
            "Nothing was sent: the HTTP API cannot address the name '\(name)', which is a step in every path."
        case .readOnly: "Nothing was sent: this would change something, and changes are switched off."
        case .notEnabled(let reason): "\(address) has no such metrics: \(reason)."
        case .cancelled: "The request was cancelled."
        case .shutDown: "The client has been shut down."
        }
    }

    /// What can be done about it, as one sentence.
    public var whatToDo: String {
        switch code {
        case .unreachable:
            "Check host and port, that the broker runs, and that rabbitmq_management (15672) or rabbitmq_prometheus (15692) "
                + "is enabled."
        case .tlsFailed: "Check that the port speaks TLS, and name the CA file that signed the broker's certificate."
        case .otherHost:
            "Connect to a host that the certificate names, or give the broker a certificate for the name in use."
        case .badSettings(_, let advice): advice
        case .redirected(let target):
            target?.base.map { "Redirects are not followed. If that is the broker, give it as the base URI: \($0)." }
                ?? "Redirects are not followed. Give the base URI of the management API itself; a login page may be in front of it."
        case .timedOut: "Request less at once (a page, a vhost), or allow more time."
        case .noCredentials, .badCredentials:
            "Check user and password; the user guest may log in from the broker's own machine only."
        case .notPermitted:
            "Give the user the tag monitoring (or administrator), and permissions in the virtual host: "
                + "rabbitmqctl set_user_tags, set_permissions."
        case .notFound: "Refresh the list; it may just have gone, or be on a node that is down."
        case .methodNotAllowed: "This broker offers no such request; look for another way."
        case .pageOutOfRange: "Go back to the first page."
        case .badRequest: "See the broker's reason; a filter must be a valid regular expression."
        case .statisticsDisabled: "Use the Prometheus endpoint, or switch the broker's metrics collector on again."
        case .serverError: "Look into the broker's log for this moment."
        case .unavailable: "See the reason; ask again when it no longer applies."
        case .unexpectedStatus, .notJSON:
            "Check the port and the path prefix: something else may listen there, or a proxy may be in between."
        case .unexpectedAnswer: "Check that this is RabbitMQ 3.8 or later."
        case .truncated: "Ask again; if it stays, look for a proxy in between and into the broker's log."
        case .tooLarge: "Ask for pages, or for fewer columns."
        case .tooManyRows: "Ask for one virtual host."
        case .unaddressable: "Use AMQP or rabbitmqctl for it."
        case .readOnly: "Start without read-only mode to allow changes."
        case .notEnabled: "Enable it on every node: rabbitmq-plugins enable rabbitmq_prometheus."
        case .cancelled: "Ask again."
        case .shutDown: "Make another client."
        }
    }

    /// Whether the same request may succeed later: there is nothing wrong with the request.
    public var isTransient: Bool {
        switch code {
        case .unreachable, .timedOut, .serverError, .unavailable, .truncated, .pageOutOfRange: true
        case .tlsFailed, .otherHost, .badSettings, .redirected, .noCredentials, .badCredentials, .notPermitted,
            .notFound, .methodNotAllowed, .badRequest,
            .statisticsDisabled, .unexpectedStatus, .notJSON, .unexpectedAnswer, .tooLarge, .tooManyRows,
            .unaddressable,
            .readOnly, .notEnabled,
            .cancelled, .shutDown:
            false
        }
    }

    /// Whether the address responds, but does not offer the requested resource.
    var isMissingEndpoint: Bool {
        switch code {
        case .notFound, .methodNotAllowed, .notJSON, .notEnabled, .badRequest: true
        default: false
        }
    }

    var isServerError: Bool {
        if case .serverError = code { true } else { false }
    }

    private static func seconds(_ duration: Duration) -> String {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        return seconds == seconds.rounded() ? "\(Int64(seconds)) s" : "\((seconds * 1000).rounded() / 1000) s"
    }
}
