import Names

/// INI as read by default by Python 3's configparser, which rabbitmqadmin 1 uses
/// (https://docs.python.org/3/library/configparser.html#supported-ini-file-structure).
///
/// Keys are converted to lower case, and end at the first `=` or `:`. A line that is indented deeper continues the
/// value above it. A line that begins with `#` or `;` is a comment; after a value both belong to it, so a password may
/// contain them. The values of `[DEFAULT]` apply to every section. `%(key)s` stands for another value of the section,
/// and `%%` for `%`; any other `%`, which Python 3 refuses and Python 2 accepted, stands for itself.
struct INIFile {
    private var sections: [Name: [Name: String]] = [:]
    private var defaults: [Name: String] = [:]
    private(set) var names: [Name] = []

    static let defaultSection = "DEFAULT"

    /// Parses a text.
    ///
    /// - Throws: the position and the kind of the error, without the line itself, which may contain a password.
    init(_ text: String, origin: String) throws(SettingsError) {
        var reader = Reader(origin: origin)
        for (index, line) in text.lineList.enumerated() { try reader.take(line, number: index + 1) }
        reader.endValue()
        sections = reader.sections
        defaults = sections.removeValue(forKey: Name(Self.defaultSection)) ?? [:]
        names = reader.names.filter { $0 != Name(Self.defaultSection) }
    }

    /// Returns the values of a section by their keys in lower case, with those of `[DEFAULT]`; nil if there is no such
    /// section.
    ///
    /// - Throws: for a value with circular references, or with a reference to a missing value.
    func section(_ name: Name, origin: String) throws(SettingsError) -> [String: String]? {
        let own: [Name: String]
        if name == Name(Self.defaultSection) {
            own = defaults
        } else {
            guard let section = sections[name] else { return nil }
            own = section
        }
        let raw = defaults.merging(own) { $1 }
        var values: [String: String] = [:]
        for (key, value) in raw {
            guard let text = Self.interpolated(value, raw, depth: 0) else {
                throw SettingsError(
                    "\(origin): \(Quotable.isName(key.text) ? key.text : "a value") stands for a value that is not there, or for itself. Write % as %%."
                )
            }
            values[key.text] = text
        }
        return values
    }

    private static func interpolated(_ text: String, _ values: [Name: String], depth: Int) -> String? {
        guard depth < 10 else { return nil }
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            if rest.first == UInt8(ascii: "%") {
                rest.removeFirst()
                result.append(byte)
            } else if rest.first == UInt8(ascii: "("), let end = rest.firstIndex(of: UInt8(ascii: ")")),
                end + 1 < rest.endIndex, rest[end + 1] == UInt8(ascii: "s")
            {
                let key = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self).lowercased()
                guard let value = values[Name(key)].flatMap({ interpolated($0, values, depth: depth + 1) }) else {
                    return nil
                }
                result += value.utf8
                rest = rest[(end + 2)...]
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension INIFile {
    /// Reads the lines one after the other.
    private struct Reader {
        let origin: String
        var sections: [Name: [Name: String]] = [:]
        var names: [Name] = []
        private var section: Name?
        private var key: Name?
        private var lines: [String] = []
        /// The indentation of the line with the key.
        private var indentation = 0

        init(origin: String) {
            self.origin = origin
        }

        mutating func take(_ line: Substring, number: Int) throws(SettingsError) {
            let bytes = Array(line.utf8)
            let content = Self.trimmed(bytes[...])
            // An empty line belongs to the value; one with a comment does not.
            if content.first == UInt8(ascii: "#") || content.first == UInt8(ascii: ";") { return }
            guard !content.isEmpty else {
                if key != nil { lines.append("") }
                return
            }
            let depth = bytes.prefix { Self.isBlank($0) }.count
            if key != nil, depth > indentation {
                lines.append(String(decoding: content, as: UTF8.self))
                return
            }
            endValue()
            indentation = depth
            if content.first == UInt8(ascii: "["), let end = content.lastIndex(of: UInt8(ascii: "]")),
                end > content.startIndex + 1
            {
                try begin(Name(bytes: content[(content.startIndex + 1)..<end]), number: number)
            } else {
                try beginValue(content, number: number)
            }
        }

        private mutating func begin(_ name: Name, number: Int) throws(SettingsError) {
            let isDefault = name == Name(INIFile.defaultSection)
            guard isDefault || sections[name] == nil else {
                throw SettingsError(
                    "\(origin), line \(number): this section stands in the file twice. Join the two, or rename one.")
            }
            if sections[name] == nil { names.append(name) }
            sections[name] = sections[name] ?? [:]
            section = name
        }

        private mutating func beginValue(_ content: ArraySlice<UInt8>, number: Int) throws(SettingsError) {
            let sign = content.firstIndex { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") }
            guard let section, let sign, sign > content.startIndex else {
                throw SettingsError(
                    "\(origin), line \(number): neither a [section] nor 'key = value'. Correct the line, or give another file."
                )
            }
            let text = String(decoding: Self.trimmed(content[..<sign]), as: UTF8.self)
            let name = Name(text.lowercased())
            guard sections[section]?[name] == nil else {
                throw SettingsError(
                    "\(origin), line \(number): this key stands in its section twice. Remove one of the two.")
            }
            sections[section]?[name] = ""
            key = name
            lines = [String(decoding: Self.trimmed(content[(sign + 1)...]), as: UTF8.self)]
        }

        mutating func endValue() {
            guard let section, let key else { return }
            while lines.count > 1, lines.last?.isEmpty == true { lines.removeLast() }
            sections[section]?[key] = lines.joined(separator: "\n")
            self.key = nil
            lines = []
        }

        private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

        private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
            var text = text
            while let byte = text.first, isBlank(byte) { text.removeFirst() }
            while let byte = text.last, isBlank(byte) { text.removeLast() }
            return text
        }
    }
}
