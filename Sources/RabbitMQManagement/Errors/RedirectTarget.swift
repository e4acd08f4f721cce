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
