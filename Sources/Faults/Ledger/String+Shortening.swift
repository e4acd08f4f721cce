import Names

extension String {
    /// The longest name from outside that is kept, in bytes: names in AMQP have at most 255, but a client may call itself
    /// anything.
    public static let longestName = 512

    /// As many whole scalars as fit, and how many bytes were left out; the text itself where all of it fits.
    ///
    /// - Parameter limit: in bytes, without the mark at the end.
    public func shortened(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        let kept = prefix(ofBytes: max(0, limit))
        return "\(kept)… (\(utf8.count - kept.utf8.count) bytes more)"
    }
}
