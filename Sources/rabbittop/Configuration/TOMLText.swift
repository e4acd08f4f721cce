import Foundation
import Names
import TOMLKit

/// Reads TOML; an error contains the line number and the kind of the error, but nothing of a value.
enum TOMLText {
    /// Returns a file's text: UTF-8, with or without a byte order mark.
    static func text(_ bytes: [UInt8], origin: String) throws(SettingsError) -> String {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let content = bytes.starts(with: mark) ? bytes[mark.count...] : bytes[...]
        guard let text = String(validating: content, as: UTF8.self) else {
            throw SettingsError("\(origin): this is not UTF-8. Save the file as UTF-8.")
        }
        // The parser would take a NUL byte for the end of the file.
        guard !content.contains(0) else { throw SettingsError("\(origin): there is a NUL byte in it. Remove it.") }
        return text
    }

    static func table(_ text: String, origin: String) throws(SettingsError) -> TOMLTable {
        try checkHeaders(text, origin: origin)
        do {
            return try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw SettingsError(
                "\(origin), line \(error.source.begin.line): this is not TOML: \(words(error.description)).")
        } catch {
            throw SettingsError("\(origin): this is not TOML.")
        }
    }

    /// Checks the headers of tables. The parser terminates the program at a header whose name does not begin like a
    /// name: `[/]`, `[` alone.
    private static func checkHeaders(_ text: String, origin: String) throws(SettingsError) {
        for (index, line) in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            // The parser takes these characters for line ends, too.
            for part in line.split(whereSeparator: { $0.properties.isWhitespace && $0 != " " && $0 != "\t" }) {
                var rest = part.drop { isBlank($0) }
                guard rest.popFirst() == "[" else { continue }
                if rest.first == "[" { rest.removeFirst() }
                rest = rest.drop { isBlank($0) }
                let isName = rest.first.map {
                    $0.isASCII
                        && (Character($0).isLetter || Character($0).isNumber || "-_\"']".unicodeScalars.contains($0))
                }
                guard isName == true else {
                    throw SettingsError(
                        "\(origin), line \(index + 1): this is not TOML: a table's name is made of letters, digits, - and _, or stands in quotes."
                    )
                }
            }
        }
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar.value == 0xFEFF || scalar.value == 0x200B
    }

    /// Returns the parser's message up to the point where it quotes more than single characters of the file.
    static func words(_ description: String) -> String {
        let parts = description.parts(separatedBy: "'")
        let quoted = parts.indices.filter { $0 % 2 == 1 }
        if parts.count % 2 == 1, quoted.allSatisfy({ parts[$0].unicodeScalars.count <= 1 }) { return description }
        return parts[0].trimmingCharacters(in: .whitespaces)
    }
}
