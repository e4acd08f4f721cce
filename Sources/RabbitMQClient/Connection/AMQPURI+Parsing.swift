import NIOCore

extension AMQPURI {
    /// Parses a URI.
    ///
    /// Throws `.invalidArgument` with what is wrong and the correct form. The error quotes nothing of the URI except
    /// names of query parameters, so that a password that was not percent-encoded does not reach a log.
    public init(_ text: String) throws(ClientError) {
        let pieces = try Pieces(text)
        do throws(Flaw) {
            try self.init(pieces)
        } catch {
            // A password with an unencoded / or ? ends up in the later parts.
            guard pieces.hasLateAt, pieces.user == nil || error.isQuoting else { throw error.error }
            throw Flaw(
                "cannot be taken apart",
                "In user and password, write / as %2F, ? as %3F, # as %23, @ as %40, : as %3A and % as %25."
            ).error
        }
    }

    private init(_ pieces: Pieces) throws(Flaw) {
        usesTLS = pieces.usesTLS
        username = nil
        password = nil
        if let user = pieces.user {
            let parts = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            username = try Self.decoded(parts[0], "the user name")
            if parts.count > 1 { password = try Self.decoded(parts[1], "the password") }
        }
        (host, port) = try Self.place(pieces.place, hasUser: pieces.user != nil)
        virtualHost = nil
        if let path = pieces.path {
            if path.contains("/") {
                throw Flaw("has more than one / after the host", "Write / in the vhost as %2F: the vhost / is /%2F.")
            }
            virtualHost = try Self.decoded(path, "the vhost")
        }
        parameters = try Parameters(query: pieces.query ?? "", usesTLS: usesTLS)
    }

    /// The URI split at its delimiters, still percent-encoded.
    private struct Pieces {
        var usesTLS: Bool
        var user: Substring?
        var place: Substring
        /// The path without its leading `/`.
        var path: Substring?
        var query: Substring?

        /// Whether there is an `@` after the host. It is allowed there, but may also be the one that ends a password.
        var hasLateAt: Bool { path?.contains("@") == true || query?.contains("@") == true }

        init(_ uri: String) throws(ClientError) {
            // Bytes beyond ASCII are treated as if they were percent-encoded: otherwise a combining accent could hide
            // the delimiter before it.
            let text = uri.utf8.reduce(into: "") { text, byte in
                if byte < 0x80 {
                    text.unicodeScalars.append(Unicode.Scalar(byte))
                } else {
                    text += AMQPURI.encoded(byte)
                }
            }
            guard let mark = text.firstRange(of: "://"),
                let usesTLS = ["amqp": false, "amqps": true][text[..<mark.lowerBound].lowercased()]
            else { throw Flaw("does not begin with amqp:// or amqps://").error }
            self.usesTLS = usesTLS
            if text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) {
                throw Flaw("holds a blank, a line break or a control character", "Write a blank as %20.").error
            }
            var rest = text[mark.upperBound...]
            if rest.contains("#") { throw Flaw("holds a #", "Write # as %23.").error }
            if let question = rest.firstIndex(of: "?") {
                query = rest[rest.index(after: question)...]
                rest = rest[..<question]
            }
            if let slash = rest.firstIndex(of: "/") {
                path = rest[rest.index(after: slash)...]
                rest = rest[..<slash]
            }
            if let at = rest.firstIndex(of: "@") {
                user = rest[..<at]
                rest = rest[rest.index(after: at)...]
            }
            if rest.contains("@") {
                throw Flaw("holds more than one @ before the host", "Write @ in user and password as %40.").error
            }
            place = rest
        }
    }

    /// Returns host and port; nil for a part that is empty.
    private static func place(_ text: Substring, hasUser: Bool) throws(Flaw) -> (host: String?, port: Int?) {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw Flaw("has a [ without its ]", ipv6) }
            let address = String(text[text.index(after: text.startIndex)..<end])
            guard (try? SocketAddress(ipAddress: address, port: 0))?.protocol == .inet6 else {
                throw Flaw("has no IPv6 address between [ and ]", ipv6)
            }
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw Flaw("has text after the ] of its host", ipv6) }
            return (address, try number(ofPort: rest.dropFirst(), isCertain: true))
        }
        if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        if port?.contains(":") == true { throw Flaw("has more than one : after user and password", ipv6) }
        if host.contains(",") {
            throw Flaw("has more than one host", "Give one URI for each host.")
        }
        let name = try decoded(host, "the host")
        let allowed = name.utf8.allSatisfy { byte in
            let character = Character(Unicode.Scalar(byte))
            return byte < 0x80 && (character.isLetter || character.isNumber || "-._".contains(character))
        }
        if !allowed { throw Flaw("has a host with characters that are in no host's name") }
        // Otherwise `amqp://ops:12345678` may be a user and a password without a host.
        let isHost = name.lowercased() == "localhost" || (try? SocketAddress(ipAddress: name, port: 0)) != nil
        return (name.isEmpty ? nil : name, try number(ofPort: port ?? "", isCertain: hasUser || isHost))
    }

    private static let ipv6 = "Write an IPv6 address in brackets: amqp://[::1]:5672/vhost."

    /// - Parameter isCertain: whether the text can only be a port.
    private static func number(ofPort text: Substring, isCertain: Bool) throws(Flaw) -> Int? {
        if text.isEmpty { return nil }
        guard let port = wholeNumber(text), (1...65_535).contains(port) else {
            // Digits are quoted only where they must be a port; elsewhere they may be a password whose @ comes later.
            let digits = isCertain && text.utf8.count <= 24 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            throw Flaw(
                digits ? "has the port \(text)" : "has no usable port", "A port is a number from 1 to 65535.",
                isQuoting: digits)
        }
        return port
    }

    /// Parses digits only: no sign, no blank.
    static func wholeNumber(_ text: some StringProtocol) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }

    /// Replaces each `%XX` by its byte and returns the bytes as text.
    static func decoded(_ text: Substring, _ part: String) throws(Flaw) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let high = hexadecimal(rest.removeFirst()), let low = hexadecimal(rest.removeFirst())
            else { throw Flaw("has a % in \(part) without two hexadecimal digits", "Write % itself as %25.") }
            bytes.append(high << 4 | low)
        }
        guard let result = String(validating: bytes, as: UTF8.self) else {
            throw Flaw("has bytes in \(part) that are no UTF-8")
        }
        return result
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }

    /// What is wrong with a URI.
    struct Flaw: Error {
        var what: String
        var advice: String
        /// Whether `what` quotes text of the URI.
        var isQuoting: Bool

        init(
            _ what: String,
            _ advice: String = "Write it as amqp://user:password@host:5672/vhost, with / in the vhost as %2F.",
            isQuoting: Bool = false
        ) {
            self.what = what
            self.advice = advice
            self.isQuoting = isQuoting
        }

        var error: ClientError { ClientError(.invalidArgument, "The AMQP URI \(what).", advice: advice) }
    }
}
