import Foundation

/// Writes JSON with keys in their given order and numbers without meaningless digits.
enum JSONText {
    static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { string($0.0) + ":" + $0.1 }.joined(separator: ",") + "}"
    }

    static func array(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }

    static func value(_ value: Value) -> String {
        switch value {
        case .none: "null"
        case .text(let text): string(text)
        case .integer(let integer): String(integer)
        case .number(let number): self.number(number)
        case .flag(let flag): flag ? "true" : "false"
        case .time(let time): string(CivilTime.rfc3339(time))
        case .list(let list): "[" + list.map { string($0) }.joined(separator: ",") + "]"
        }
    }

    /// Formats a number with up to three decimals, the precision of rates and ages. A non-finite number is null.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        let rounded = (value * 1_000).rounded() / 1_000
        guard rounded.isFinite, abs(rounded) < 1e15 else { return String(value) }
        if rounded == rounded.rounded() { return String(Int(rounded)) }
        return String(rounded)
    }

    static func string(_ text: String?) -> String {
        guard let text else { return "null" }
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": json += "\\\""
            case "\\": json += "\\\\"
            case "\n": json += "\\n"
            case "\r": json += "\\r"
            case "\t": json += "\\t"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }
}
