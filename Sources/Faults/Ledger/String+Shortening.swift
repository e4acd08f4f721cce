import Names

extension String {
    /// Creates a count with its noun: `1 connection`, `3 deliveries`.
    ///
    /// - Parameter many: the plural; nil: the singular with an s.
    package init(counted count: some BinaryInteger, _ one: String, _ many: String? = nil) {
        self = "\(count) \(count == 1 ? one : many ?? one + "s")"
    }

    /// The longest name from outside that is kept, in bytes. Names in AMQP have at most 255 bytes, but a
    /// client-provided name may be longer.
    public static let longestName = 512

    /// Returns as many whole Unicode scalars as fit, followed by the number of bytes omitted; the text itself when it
    /// fits.
    ///
    /// - Parameter limit: The limit in bytes, without the appended note.
    public func shortened(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        let kept = prefix(ofBytes: max(0, limit))
        return "\(kept)… (\(utf8.count - kept.utf8.count) bytes more)"
    }
}
