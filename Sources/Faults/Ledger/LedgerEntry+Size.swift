extension LedgerEntry {
    /// The longest text that is kept, in bytes.
    public static let longestText = 8_192

    /// The approximate size in memory, in bytes.
    public var byteCount: Int {
        let texts = [
            connection, clientName, user, vhost, peer, queue, codeName, text, methodClass, method, fault, application,
        ]
        return texts.reduce(512) { $0 + ($1?.utf8.count ?? 0) }
    }

    /// Truncates values from outside that are too long, and appends how many bytes are missing.
    public mutating func shorten() {
        func shorten(_ name: inout String?) {
            if let long = name, long.utf8.count > String.longestName {
                name = long.shortened(to: String.longestName)
            }
        }
        text = text.shortened(to: Self.longestText)
        shorten(&connection)
        shorten(&clientName)
        shorten(&user)
        shorten(&vhost)
        shorten(&peer)
        shorten(&queue)
        shorten(&codeName)
        shorten(&methodClass)
        shorten(&method)
        shorten(&fault)
        shorten(&application)
    }
}
