/// The form of an application's message bodies: a small JSON object, described field by field.
struct MessageShape: Sendable, Hashable {
    enum Field: Sendable, Hashable {
        /// A number that increases with each message, after a prefix: `"A-1042"`.
        case identifier(String)
        case choice([String])
        /// An integer.
        case number(ClosedRange<Int>)
        /// A number with two decimals.
        case amount(ClosedRange<Double>)
    }

    struct Entry: Sendable, Hashable {
        var name: String
        var field: Field
    }

    /// The message's `type` property.
    var type: String
    var entries: [Entry]

    init(_ type: String, _ fields: KeyValuePairs<String, Field>) {
        self.type = type
        entries = fields.map { Entry(name: $0.key, field: $0.value) }
    }

    /// Returns the body of the message with a number.
    func body(number: Int, using random: inout some RandomNumberGenerator) -> String {
        var text = "{"
        for entry in entries {
            if text.utf8.count > 1 { text += "," }
            text += "\"\(entry.name)\":"
            switch entry.field {
            case .identifier(let prefix): text += "\"\(prefix)\(number)\""
            case .choice(let values): text += "\"\(values.randomElement(using: &random) ?? "")\""
            case .number(let range): text += String(Int.random(in: range, using: &random))
            case .amount(let range):
                let cents = Int((Double.random(in: range, using: &random) * 100).rounded())
                let (whole, part) = cents.magnitude.quotientAndRemainder(dividingBy: 100)
                text += "\(cents < 0 ? "-" : "")\(whole).\(part < 10 ? "0" : "")\(part)"
            }
        }
        return text + "}"
    }
}
