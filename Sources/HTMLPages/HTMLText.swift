/// Escapes text for a page, so that text from outside never becomes markup.
public enum HTMLText {
    /// Returns text for an element or for an attribute in double quotes. Control characters become visible.
    public static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            default:
                // HTML does not allow such characters, and those that change the text direction would change what is
                // read.
                switch scalar.properties.generalCategory {
                case .control, .format, .surrogate, .privateUse, .unassigned: result += "\u{FFFD}"
                default: result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }

    /// Returns paragraphs that are separated by an empty line.
    public static func paragraphs(_ text: String) -> String {
        text.components(separatedBy: "\n\n").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            .filter { !$0.isEmpty }.map { "<p>\(escaped($0))</p>" }.joined(separator: "\n")
    }

    /// Formats a number: `12`, `3.4`, `0.05`.
    public static func figure(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        let rounded = abs(value) >= 100 ? value.rounded() : (value * 100).rounded() / 100
        // Larger numbers keep the form of `Double`.
        return abs(rounded) < 1e15 && rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
    }
}
