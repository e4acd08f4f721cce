/// A connection as the broker's log describes it in parentheses: `PEER -> HOST - APP, vhost: 'V', user: 'U', state: S,
/// duration: 'D'`, of which all but the first two may be missing.
struct ConnectionLabel: Equatable {
    /// `PEER -> HOST`, the connection's name in the management API.
    var connection: String
    var peer: String
    /// The client-provided connection name.
    var clientName: String?
    var vhost: String?
    var user: String?

    init?(_ text: some StringProtocol) {
        // Parsed from the end, because the client-provided name may contain anything.
        var rest = Substring(text)
        Self.cut(&rest, ", duration: '", "'")
        Self.cut(&rest, ", state: ", "")
        user = Self.cut(&rest, ", user: '", "'")
        vhost = Self.cut(&rest, ", vhost: '", "'")
        guard let arrow = rest.firstRange(of: " -> ") else { return nil }
        peer = String(rest[..<arrow.lowerBound])
        if let dash = rest[arrow.upperBound...].firstRange(of: " - ") {
            clientName = String(rest[dash.upperBound...])
            rest = rest[..<dash.lowerBound]
        }
        connection = String(rest)
        guard !peer.isEmpty, peer.utf8.count < 300 else { return nil }
        // The broker writes `none` for a vhost that was never opened.
        if vhost == "none" { vhost = nil }
    }

    /// Removes `MARK value END` from the end of the text.
    @discardableResult
    private static func cut(_ text: inout Substring, _ mark: String, _ end: String) -> String? {
        guard text.hasByteSuffix(end), let start = text.lastRange(of: mark), start.upperBound <= text.end(without: end)
        else { return nil }
        let value = text[start.upperBound..<text.end(without: end)]
        text = text[..<start.lowerBound]
        return String(value)
    }
}

extension ConnectionLabel {
    /// Returns the client's address and port from a connection's name.
    static func peer(of connection: String) -> String {
        Substring(connection).firstRange(of: " -> ").map { String(connection[..<$0.lowerBound]) } ?? connection
    }
}
