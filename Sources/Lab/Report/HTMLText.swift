import Foundation

/// Text on its way into a page: what comes from outside is text there, and never markup.
enum HTMLText {
    /// Fit for an element and for an attribute in double quotes. Control characters become visible.
    static func escaped(_ text: String) -> String {
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
                // Of what is no text HTML allows nothing, and directions of writing would change what one reads.
                switch scalar.properties.generalCategory {
                case .control, .format, .surrogate, .privateUse, .unassigned: result += "\u{FFFD}"
                default: result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }

    /// Paragraphs parted by an empty line.
    static func paragraphs(_ text: String) -> String {
        text.components(separatedBy: "\n\n").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            .filter { !$0.isEmpty }.map { "<p>\(escaped($0))</p>" }.joined(separator: "\n")
    }

    /// A number for people: `12`, `3.4`, `0.05`.
    static func figure(_ value: Double) -> String {
        if abs(value) >= 100 { return LabValue.figure(value.rounded()) }
        return LabValue.figure((value * 100).rounded() / 100)
    }
}
