import NIOCore

/// The parts of an `http` or `https` URL: scheme, user, host, port and path.
///
/// The parser is strict: what RFC 3986 does not allow is refused, and so is a port beyond 65535. An error quotes
/// nothing of the text except an invalid port, because anything else may be part of a password that was not
/// percent-encoded. A port is quoted only where it must be one: `http://ops:12345678` may lack its `@host`.
public struct HTTPAddress: Sendable, Hashable {
    /// Whether the scheme is `https`.
    public var isTLS: Bool
    /// The user name.
    public var username: String?
    /// The password. Never part of a description.
    public var password: String?
    /// A host name or an IP address without brackets. An IPv6 address may have a zone: `fe80::1%eth0`.
    public var host: String
    /// The port, from 1 to 65535.
    public var port: Int?
    /// The path as written, percent-encoded, without slashes at its end.
    public var path: String

    /// What is wrong with a URL, without quoting it.
    public struct Flaw: Error, Sendable, Hashable {
        /// What is wrong, as a predicate: `has no host`.
        public var what: String
        /// How to write that part; nil if the text does not have the form of a URL.
        public var advice: String?

        init(_ what: String, _ advice: String? = nil) {
            self.what = what
            self.advice = advice
        }
    }

    /// Parses a URL. Throws a `Flaw` if it is not valid.
    public init(_ text: String) throws(Flaw) {
        let bytes = Array(text.utf8)
        guard let mark = Self.place(of: "://", in: bytes) else { throw Self.noScheme }
        switch String(decoding: bytes[..<mark], as: UTF8.self).lowercased() {
        case "http": isTLS = false
        case "https": isTLS = true
        default: throw Self.noScheme
        }
        guard bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw Flaw("holds a blank, a line break or a control character", "Write a blank as %20.")
        }
        let rest = bytes[(mark + 3)...]
        for (byte, code) in [(UInt8(ascii: "#"), "# as %23"), (UInt8(ascii: "?"), "? as %3F")]
        where rest.contains(byte) {
            throw Flaw("holds a \(code.prefix(1))", "In user and password, write \(code).")
        }
        let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        let path = rest[slash...]
        var authority = rest[..<slash]
        if path.contains(UInt8(ascii: "@")) {
            throw Flaw("holds a / before an @", "In user and password, write / as %2F, and @ as %40.")
        }
        username = nil
        password = nil
        var hasUser = false
        if let at = authority.firstIndex(of: UInt8(ascii: "@")) {
            let parts = authority[..<at].split(
                separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
            username = try Self.decoded(parts[0], "the user name")
            if parts.count > 1 { password = try Self.decoded(parts[1], "the password") }
            authority = authority[(at + 1)...]
            hasUser = true
            if authority.contains(UInt8(ascii: "@")) {
                throw Flaw("holds more than one @", "In user and password, write @ as %40.")
            }
        }
        (host, port) = try Self.place(authority, hasUser: hasUser)
        self.path = try Self.path(path)
    }

    private static let noScheme = Flaw("does not begin with http:// or https://")

    // MARK: Host and port

    /// Parses a host: a name, an IPv4 address, or an IPv6 address with or without brackets.
    ///
    /// - Returns: the host without brackets.
    public static func host(_ text: String) throws(Flaw) -> String {
        var bytes = Array(text.utf8)[...]
        if bytes.first == UInt8(ascii: "["), bytes.last == UInt8(ascii: "]") {
            return try address(bytes.dropFirst().dropLast())
        }
        if bytes.contains(UInt8(ascii: ":")) { return try address(bytes) }
        // A dot at the end keeps a name from being completed with a search domain.
        if bytes.last == UInt8(ascii: ".") { bytes = bytes.dropLast() }
        _ = try name(bytes)
        return text
    }

    private static func place(
        _ text: ArraySlice<UInt8>, hasUser: Bool
    ) throws(Flaw) -> (host: String, port: Int?) {
        if text.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { throw Flaw("has a [ without its ]", ipv6) }
            let behind = text[(end + 1)...]
            guard behind.isEmpty || behind.first == UInt8(ascii: ":") else {
                throw Flaw("has text behind the ] of its host", ipv6)
            }
            return (try address(text[(text.startIndex + 1)..<end]), try port(behind.dropFirst(), isCertain: true))
        }
        let colon = text.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
        let behind = text[colon...].dropFirst()
        if behind.contains(UInt8(ascii: ":")) { throw Flaw("has more than one : in its host and port", ipv6) }
        let host = try name(text[..<colon])
        return (host, try port(behind, isCertain: hasUser || isCertainlyHost(host)))
    }

    /// Returns whether a name must be a host, and not a user name that is followed by a password.
    public static func isCertainlyHost(_ name: String) -> Bool {
        name.lowercased() == "localhost" || (try? SocketAddress(ipAddress: name, port: 0)) != nil
    }

    private static func name(_ text: ArraySlice<UInt8>) throws(Flaw) -> String {
        guard !text.isEmpty else { throw Flaw("has no host") }
        guard text.allSatisfy({ isLetterOrDigit($0) || "-._".utf8.contains($0) }) else {
            throw Flaw(
                "has a host with characters that are in no host's name",
                "Write an international name in its ASCII form, xn--….")
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Parses an IPv6 address. A zone follows `%`, in a URL `%25` (RFC 6874).
    private static func address(_ text: ArraySlice<UInt8>) throws(Flaw) -> String {
        let sign = text.firstIndex(of: UInt8(ascii: "%")) ?? text.endIndex
        let address = String(decoding: text[..<sign], as: UTF8.self)
        guard (try? SocketAddress(ipAddress: address, port: 0))?.protocol == .inet6 else {
            throw Flaw("has no IPv6 address where one is expected", ipv6)
        }
        guard sign < text.endIndex else { return address }
        var zone = text[(sign + 1)...]
        if zone.starts(with: "25".utf8), zone.count > 2 { zone = zone.dropFirst(2) }
        guard !zone.isEmpty, zone.allSatisfy({ isLetterOrDigit($0) || "-._~".utf8.contains($0) }) else {
            throw Flaw("has a zone that is no interface's name", "Write it as http://[fe80::1%25eth0]:15672.")
        }
        return address + "%" + String(decoding: zone, as: UTF8.self)
    }

    private static let ipv6 = "Write an IPv6 address in brackets, as in http://[::1]:15672."

    /// - Parameter isCertain: whether the text can only be a port.
    private static func port(_ text: ArraySlice<UInt8>, isCertain: Bool) throws(Flaw) -> Int? {
        if text.isEmpty { return nil }
        let advice = "A port is a number from 1 to 65535."
        guard text.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            throw Flaw("has a port that is not a number", advice)
        }
        let digits = String(decoding: text, as: UTF8.self)
        guard let port = Int(digits), (1...65_535).contains(port) else {
            guard isCertain else { throw Flaw("has a port out of range", advice) }
            throw Flaw("has the port \(text.count <= 24 ? digits : "of \(text.count) digits")", advice)
        }
        return port
    }

    // MARK: Path

    private static func path(_ text: ArraySlice<UInt8>) throws(Flaw) -> String {
        var text = text
        while text.last == UInt8(ascii: "/") { text = text.dropLast() }
        try checkPath(text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Checks that a text is valid in the path of a URL as it is. Throws a `Flaw` if it is not.
    public static func checkPath(_ text: some Collection<UInt8>) throws(Flaw) {
        let plain = text.allSatisfy { isLetterOrDigit($0) || "/-._~!$&'()*+,;=:@%".utf8.contains($0) }
        guard plain else {
            throw Flaw("has a path with characters that no path has", "Percent-encode them: a blank is %20.")
        }
        _ = try decoded(Array(text)[...], "the path")
    }

    // MARK: Bytes

    private static func place(of sign: String, in bytes: [UInt8]) -> Int? {
        let sign = Array(sign.utf8)
        guard bytes.count >= sign.count else { return nil }
        return (0...(bytes.count - sign.count)).first { bytes[$0..<($0 + sign.count)].elementsEqual(sign) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    private static func decoded(_ text: ArraySlice<UInt8>, _ part: String) throws(Flaw) -> String {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                throw Flaw("has a % in \(part) without two hexadecimal digits", "Write % itself as %25.")
            }
            bytes.append(high << 4 | low)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Flaw("has bytes in \(part) that are no UTF-8")
        }
        return text
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension HTTPAddress: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL with scheme, host, port and path, without user name and password.
    public var description: String { origin + path }
    /// The same text as `description`.
    public var debugDescription: String { description }
    /// A mirror without the password, which `dump` and a failed expectation would show.
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }

    /// The URL without the path.
    public var origin: String {
        "\(isTLS ? "https" : "http")://\(Self.written(host))\(port.map { ":\($0)" } ?? "")"
    }

    /// Returns a host in the form of a URL: an IPv6 address in brackets, its zone after `%25`.
    static func written(_ host: String) -> String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host.replacing("%", with: "%25"))]" : host
    }
}
