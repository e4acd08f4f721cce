public import Names

/// Why a request to the management API or the Prometheus endpoint gave nothing.
///
/// Never holds a password; the broker's text in it has no control characters.
public struct ManagementError: Error, Sendable, Hashable {
    public enum Code: Sendable, Hashable {
        /// Nothing answers at the address: no such host, refused, reset before an answer began.
        case unreachable(reason: String)
        case tlsFailed(reason: String)
        /// The broker's certificate is for these names, and not for the host that was asked. No name at all: they are not
        /// known.
        case otherHost(_ host: String?, names: [String])
        /// The address or a TLS file of the configuration cannot be used. Nothing was sent.
        case badSettings(reason: String, advice: String)
        /// No complete answer within the deadline.
        case timedOut(after: Duration)
        /// 401: no user and password were sent, or they were empty.
        case noCredentials
        /// 401 `not_authorized`: user or password is wrong, or the user may log in from the broker's own machine only.
        case badCredentials
        /// 401 `not_authorised`: the user is known but may not ask this.
        case notPermitted
        /// 404. On 4.3 also a vhost to which the user has no access.
        case notFound
        /// 405, with the methods the broker would take.
        case methodNotAllowed(allowed: [String])
        /// 400 `page_out_of_range`.
        case pageOutOfRange
        /// Any other 400: the broker's reason.
        case badRequest(reason: String)
        /// The broker keeps no statistics (`management_agent.disable_metrics_collector`), and this answer is made of them.
        case statisticsDisabled
        /// 500 and its like.
        case serverError(status: Int)
        /// 503, with the broker's reason.
        case unavailable(reason: String)
        /// Something in front of the API sends requests elsewhere, which are not followed: they would take the password with
        /// them.
        case redirected(to: RedirectTarget?)
        /// An answer of a status this API does not give.
        case unexpectedStatus(Int)
        /// The answer is not JSON, or not metrics: something else listens there.
        case notJSON(contentType: String?)
        /// JSON, but not of the shape asked for.
        case unexpectedAnswer(reason: String)
        /// The answer stopped half way.
        case truncated
        /// The answer is longer than the limit, in bytes.
        case tooLarge(limit: Int)
        /// The answer tells of more queues than are kept.
        case tooManyRows(limit: Int)
        /// The name is `.` or `..`, which no path can hold. Nothing was sent.
        case unaddressable(Name)
        /// The client is read-only and the request would change something. Nothing was sent.
        case readOnly
        /// The Prometheus endpoint is not there, or too old for what was asked.
        case notEnabled(reason: String)
        /// The task that asked was cancelled.
        case cancelled
        /// The client was shut down.
        case shutDown
    }

    public var code: Code
    /// Method and path: `GET /api/queues`.
    public var request: String
    /// Where it went: `http://127.0.0.1:15672`.
    public var address: String
    /// The broker's own words, harmless to print; nil when it had none.
    public var brokerReply: String?

    public init(_ code: Code, request: String, address: String, brokerReply: String? = nil) {
        self.code = code
        self.request = request
        self.address = address
        self.brokerReply = brokerReply
    }
}
