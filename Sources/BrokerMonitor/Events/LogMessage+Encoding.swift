extension LogMessage {
    /// Returns a log's text with the names decoded that the log encoded as UTF-8 twice.
    ///
    /// RabbitMQ writes the bytes of a name as if each were a Latin-1 character (seen on 3.10.8), so that `物` becomes
    /// `ç`, `\u{89}`, `©`. Each run of such characters that is valid UTF-8 as a whole is decoded.
    static func repairingNames(in text: String) -> String {
        guard text.unicodeScalars.contains(where: { (0xC2...0xF4).contains($0.value) }) else { return text }
        var result = String.UnicodeScalarView()
        var run: [UInt8] = []
        for scalar in text.unicodeScalars {
            if (0x80...0xFF).contains(scalar.value) {
                run.append(UInt8(scalar.value))
                continue
            }
            append(&run, to: &result)
            result.append(scalar)
        }
        append(&run, to: &result)
        return String(result)
    }

    private static func append(_ run: inout [UInt8], to result: inout String.UnicodeScalarView) {
        guard !run.isEmpty else { return }
        if let text = String(validating: run, as: UTF8.self) {
            result.append(contentsOf: text.unicodeScalars)
        } else {
            result.append(contentsOf: run.lazy.map { Unicode.Scalar($0) })
        }
        run.removeAll(keepingCapacity: true)
    }
}
