public import Names

/// An error of a request to the management API or the Prometheus endpoint.
///
/// It never contains a password, and no control characters in the broker's text.
public struct ManagementError: Error, Sendable, Hashable {
    /// The kind of failure.
    public enum Code: Sendable, Hashable {
        /// The address does not respond: unknown host, connection refused, or reset before a response began.
        case unreachable(reason: String)
        /// The TLS handshake failed.
        case tlsFailed(reason: String)
        /// The broker's certificate is for these names, not for the requested host. Without names they are unknown.
        case otherHost(_ host: String?, names: [String])
        /// The address or a TLS file of the configuration cannot be used. Nothing was sent.
        case badSettings(reason: String, advice: String)
        /// There was no complete response within the deadline.
        case timedOut(after: Duration)
        /// 401: user name and password were not sent, or were empty.
        case noCredentials
        /// 401 `not_authorized`: user name or password are wrong, or the user may log in only from the broker's own
        /// machine.
        case badCredentials
        /// 401 `not_authorised`: the user is known but lacks the permission for this request.
        case notPermitted
        /// 404: the object does not exist. On 4.3 also a vhost to which the user has no access.
        case notFound
        /// 405, with the methods that the broker accepts.
        case methodNotAllowed(allowed: [String])
        /// 400 `page_out_of_range`: the list is shorter than the requested page.
        case pageOutOfRange
        /// Any other 400, with the broker's reason.
        case badRequest(reason: String)
        /// The broker keeps no statistics (`management_agent.disable_metrics_collector`), from which this response is
        /// made.
        case statisticsDisabled
        /// 500 or another status of the same class.
        case serverError(status: Int)
        /// 503, with the broker's reason.
        case unavailable(reason: String)
        /// A proxy redirects the request. Redirects are not followed, because they would send the password elsewhere.
        case redirected(to: RedirectTarget?)
        /// The response has a status that this API does not use.
        case unexpectedStatus(Int)
        /// The response is not JSON, or has no metrics: another server listens there.
        case notJSON(contentType: String?)
        /// The response is JSON, but does not have the expected structure.
        case unexpectedAnswer(reason: String)
        /// The response ended too early.
        case truncated
        /// The response is larger than the limit, in bytes.
        case tooLarge(limit: Int)
        /// The response has more queues than are kept.
        case tooManyRows(limit: Int)
        /// The name is `.` or `..`, which a path cannot contain. Nothing was sent.
        case unaddressable(Name)
        /// The client is read-only and the request would change something. Nothing was sent.
        case readOnly
        /// The Prometheus endpoint does not exist, or is too old for this request.
        case notEnabled(reason: String)
        /// The task was cancelled.
        case cancelled
        /// The client was shut down.
        case shutDown
    }

    /// The kind of failure.
    public var code: Code
    /// Method and path of the request: `GET /api/queues`.
    public var request: String
    /// The address of the request: `http://127.0.0.1:15672`.
    public var address: String
    /// The broker's own text, safe to print; nil if there is none.
    public var brokerReply: String?

    /// Creates an error.
    public init(_ code: Code, request: String, address: String, brokerReply: String? = nil) {
        self.code = code
        self.request = request
        self.address = address
        self.brokerReply = brokerReply
    }
}

/// The target of a redirect for display: without user name, password, query and fragment.
public struct RedirectTarget: Sendable, Hashable {
    /// The whole URL.
    public let url: String
    /// The base URL to which requests should be sent directly; nil if it cannot be derived from the target.
    public let base: String?

    /// - Parameter location: the value of the header; a path without a host is on the same host (RFC 9110, 10.2.2).
    init?(_ location: String?, from request: OutgoingRequest) {
        guard var text = location.flatMap({ BrokerText.harmless($0, limit: 500) }) else { return nil }
        for sign in ["#", "?"] { text = String(text.prefix { String($0) != sign }) }
        if text.hasPrefix("//") {
            text = (request.address.isTLS ? "https:" : "http:") + text
        } else if text.hasPrefix("/") {
            text = request.address.origin + text
        }
        guard let address = try? HTTPAddress(text) else {
            // The text may contain a password, so nothing of it is shown.
            return nil
        }
        url = address.description
        let path = request.target.prefix { $0 != "?" }.dropFirst(request.address.pathPrefix.count)
        base = address.path.hasSuffix(path) ? String(url.dropLast(path.count)) : nil
    }
}
