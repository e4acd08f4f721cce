/// Removes secrets from what others will read: recordings, exported definitions, extracts of logs.
///
/// Secrets are the user information and the query of a URI, and the values of what is named as a secret: members of
/// JSON, properties of a client, Erlang terms such as `{password,<<"…">>}` in a reason. Where it is unclear how far a
/// secret reaches, more is removed rather than less.
public enum Redaction {
    /// What stands in place of a secret.
    public static let mark = "***"

    /// Parts of names whose values are secrets, in lower case.
    private static let secretWords = ["password", "passphrase", "passwd", "secret", "token", "credential"]
        .map { Array($0.utf8) }

    /// Returns whether the value of what has this name is a secret: `ssl_password`, `clientSecret`.
    public static func isSecret(_ name: Name) -> Bool {
        let bytes = name.bytes
        return bytes.indices.contains { secretWord(in: bytes, at: $0) != nil }
    }

    /// Returns a text without its secrets.
    public static func withoutSecrets(_ text: String) -> String {
        withoutSecrets(in: Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// Returns a name without its secrets.
    public static func withoutSecrets(_ name: Name) -> Name {
        withoutSecrets(in: name.bytes).map { Name(bytes: $0) } ?? name
    }

    /// Returns a JSON text without the secrets in its texts, and without the values of members named as secrets. It
    /// stays JSON.
    public static func withoutSecrets(json: String) -> String {
        var scan = JSONSecrets(Array(json.utf8))
        return scan.redact() ? String(decoding: scan.result, as: UTF8.self) : json
    }

    /// Returns the text without its secrets; `nil` if it has none.
    static func withoutSecrets(in bytes: [UInt8]) -> [UInt8]? {
        var uris = URISecrets(bytes)
        let hasURIs = uris.redact()
        var named = NamedSecrets(hasURIs ? uris.result : bytes)
        if named.redact() { return named.result }
        return hasURIs ? uris.result : nil
    }

    /// Returns the end of a word for a secret that begins at an index; upper and lower case are the same.
    static func secretWord(in bytes: [UInt8], at index: Int) -> Int? {
        for word in secretWords where index + word.count <= bytes.count {
            if zip(word, bytes[index...]).allSatisfy({ $0 == $1.lowercased }) { return index + word.count }
        }
        return nil
    }
}

extension UInt8 {
    /// The letter in lower case; other bytes unchanged.
    var lowercased: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }

    var isDigit: Bool { (0x30...0x39).contains(self) }

    /// Whether it is white space or a control character.
    var isSpace: Bool { self <= 0x20 }

    /// Whether it can stand in the name of a member, a property or an option.
    var isOfIdentifier: Bool {
        isDigit || (0x61...0x7a).contains(lowercased) || self == UInt8(ascii: "_") || self == UInt8(ascii: "-")
            || self == UInt8(ascii: ".")
    }

    var isQuote: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") }

    static let backslash = UInt8(ascii: "\\")
}
