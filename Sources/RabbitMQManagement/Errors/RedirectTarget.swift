/// Where a redirect leads, as it can be shown: without user and password, query and fragment.
public struct RedirectTarget: Sendable, Hashable {
    /// The whole address.
    public let url: String
    /// The base URI with which requests would have gone there at once; nil when that cannot be told from the address.
    public let base: String?

    /// - Parameter location: what the header says; a path alone is meant on the same host (RFC 9110, 10.2.2).
    init?(_ location: String?, from request: OutgoingRequest) {
        guard var text = location.flatMap({ BrokerText.harmless($0, limit: 500) }) else { return nil }
        for sign in ["#", "?"] { text = String(text.prefix { String($0) != sign }) }
        if text.hasPrefix("//") {
            text = (request.address.isTLS ? "https:" : "http:") + text
        } else if text.hasPrefix("/") {
            text = request.address.origin + text
        }
        guard let address = try? HTTPAddress(text) else {
            // It may hold a password: what it is stays untold.
            return nil
        }
        url = address.description
        let path = request.target.prefix { $0 != "?" }.dropFirst(request.address.pathPrefix.count)
        base = address.path.hasSuffix(path) ? String(url.dropLast(path.count)) : nil
    }
}
