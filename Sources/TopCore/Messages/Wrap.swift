import Names
import Screen

/// Text wrapped to lines of a width, in columns of the screen.
public enum Wrap {
    /// Breaks lines between words if possible, within words otherwise. A line feed ends a line; an empty text is one
    /// empty line.
    public static func words(_ text: String, width: Int) -> [String] {
        let width = max(1, width)
        var lines: [String] = []
        for part in text.parts(separatedBy: "\n") {
            var line = ""
            var used = 0
            for word in part.parts(separatedBy: " ") {
                let needed = TextWidth.columns(of: String(word))
                if used > 0 || !line.isEmpty {
                    if used + 1 + needed <= width {
                        line += " " + word
                        used += 1 + needed
                        continue
                    }
                    lines.append(line)
                    line = ""
                    used = 0
                }
                if needed <= width {
                    line = String(word)
                    used = needed
                } else {
                    var pieces = characters(String(word), width: width)
                    line = pieces.popLast() ?? ""
                    used = TextWidth.columns(of: line)
                    lines += pieces
                }
            }
            lines.append(line)
        }
        return lines
    }

    /// Breaks lines wherever the width ends.
    public static func characters(_ text: String, width: Int) -> [String] {
        let width = max(1, width)
        if let lines = plain(text, width: width) { return lines }
        var lines: [String] = []
        var line = ""
        var used = 0
        for character in text {
            let needed = TextWidth.columns(of: character)
            if used + needed > width, used > 0 {
                lines.append(line)
                line = ""
                used = 0
            }
            line.append(character)
            used += needed
        }
        if used > 0 || lines.isEmpty { lines.append(line) }
        return lines
    }

    /// Breaks a text of printable ASCII, where each byte is a column: bodies of megabytes are wrapped at once.
    private static func plain(_ text: String, width: Int) -> [String]? {
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return nil }
        if text.utf8.count <= width { return [text] }
        let bytes = Array(text.utf8)
        return stride(from: 0, to: bytes.count, by: width).map {
            String(decoding: bytes[$0..<min(bytes.count, $0 + width)], as: UTF8.self)
        }
    }
}
