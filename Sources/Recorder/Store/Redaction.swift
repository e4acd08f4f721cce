import Names

/// Removes passwords from texts that may have URIs in them: arguments, policies, parameters of shovels and federation.
///
/// Those who make the texts leave secrets out; a recording is passed on to others, so this is checked once more here.
public enum Redaction {
    /// Returns the text with the password of each `scheme://user:password@host` replaced by dots.
    public static func withoutPasswords(_ text: String) -> String {
        guard text.containsBytes(of: "://") else { return text }
        return String(decoding: withoutPasswords(Array(text.utf8)), as: UTF8.self)
    }

    /// Returns the name without passwords.
    static func withoutPasswords(_ name: Name) -> Name {
        Name(bytes: withoutPasswords(name.bytes))
    }

    private static func withoutPasswords(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard bytes[index...].starts(with: "://".utf8) else {
                result.append(bytes[index])
                index += 1
                continue
            }
            let start = index + 3
            // The authority ends where the path, a quote or a space begins; the last @ in it ends the password.
            let end = bytes[start...].firstIndex { " /\"'<>\\,\n\r\t".utf8.contains($0) } ?? bytes.count
            result.append(contentsOf: bytes[index..<start])
            index = start
            if let at = bytes[start..<end].lastIndex(of: UInt8(ascii: "@")),
                let colon = bytes[start..<at].firstIndex(of: UInt8(ascii: ":"))
            {
                result.append(contentsOf: bytes[start...colon])
                result.append(contentsOf: "...".utf8)
                index = at
            }
        }
        return result
    }
}
