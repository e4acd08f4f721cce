import Names

/// Reads an object's fields leniently: a field that is absent or of another type is nil.
struct ObjectFields {
    private let members: [Name: JSONValue]

    init?(_ json: JSONValue) {
        guard let members = json.members else { return nil }
        self.members = members
    }

    init(_ members: [Name: JSONValue]) { self.members = members }

    subscript(_ key: Name) -> JSONValue { members[key] ?? .null }

    func string(_ key: Name) -> String? { members[key]?.text }

    /// Returns a name, which may be empty.
    func name(_ key: Name) -> Name? { Name(string(key)) }

    /// Returns a string with a value: `""`, `undefined` and `none`, which the broker uses for "not set", become nil.
    func setting(_ key: Name) -> String? {
        switch string(key) {
        case nil, "", "undefined", "none": nil
        case .some(let text): text
        }
    }

    /// Returns a name with a value; see ``setting(_:)``.
    func nameSetting(_ key: Name) -> Name? { Name(setting(key)) }

    func int64(_ key: Name) -> Int64? { members[key]?.integerValue }
    func int(_ key: Name) -> Int? { int64(key).flatMap { Int(exactly: $0) } }
    func double(_ key: Name) -> Double? { members[key]?.doubleValue }
    func bool(_ key: Name) -> Bool? { members[key]?.boolValue }

    /// Returns the strings of an array; nil if there is no array. Elements that are not strings are left out.
    func strings(_ key: Name) -> [String]? { members[key]?.elements?.compactMap(\.text) }

    /// Returns the fields that are strings.
    func strings() -> [Name: String] { members.compactMapValues(\.text) }

    /// Returns the names of an array; see ``strings(_:)``.
    func names(_ key: Name) -> [Name]? { strings(key)?.map { Name($0) } }

    /// Returns tags: an array, or (before 3.9) one string with commas; `""`, null and absence are no tags.
    func tags(_ key: Name) -> [String] {
        if let list = strings(key) { return list }
        guard case .string(let text) = self[key] else { return [] }
        return text.parts(separatedBy: ",").map { String($0.trimmingSpaces()) }.filter { !$0.isEmpty }
    }

    /// Returns a map without a fixed structure; empty if it is absent or `[]`.
    func map(_ key: Name) -> [Name: JSONValue] { members[key]?.members ?? [:] }

    /// Returns an object that is not empty; nil if it is absent, null, `[]` or `{}`.
    func object(_ key: Name) -> ObjectFields? {
        guard let inner = members[key]?.members, !inner.isEmpty else { return nil }
        return ObjectFields(inner)
    }

    func rows<Row: ManagementObject>(_ key: Name) -> [Row] {
        members[key]?.elements?.compactMap(Row.init(json:)) ?? []
    }

    func row<Row: ManagementObject>(_ key: Name) -> Row? {
        guard let inner = members[key]?.members, !inner.isEmpty else { return nil }
        return Row(json: .object(inner))
    }

    /// Returns a number with its `_details` field.
    func figure(_ key: Name) -> Figure {
        let details = object("\(key)_details")
        return Figure(value: int64(key), rate: details?.double("rate"), samples: details?.samples())
    }

    func stats(_ key: Name = "message_stats") -> MessageStats? {
        object(key).map(MessageStats.init(fields:))
    }

    private func samples() -> [Sample]? {
        self["samples"].elements?.compactMap { element in
            guard let fields = ObjectFields(element), let time = fields.int64("timestamp"),
                let value = fields.int64("sample")
            else { return nil }
            return Sample(milliseconds: time, value: value)
        }
    }
}

extension Substring {
    func trimmingSpaces() -> Substring {
        let space = UInt8(ascii: " ")
        var rest = utf8.drop { $0 == space }
        while rest.last == space { rest.removeLast() }
        return Substring(rest)
    }
}
