import Names

/// Reads an object's fields leniently: what is not there, or not of the kind asked for, is nil.
struct ObjectFields {
    private let members: [Name: JSONValue]

    init?(_ json: JSONValue) {
        guard let members = json.members else { return nil }
        self.members = members
    }

    init(_ members: [Name: JSONValue]) { self.members = members }

    subscript(_ key: Name) -> JSONValue { members[key] ?? .null }

    func string(_ key: Name) -> String? { members[key]?.text }

    /// A name, which may be empty.
    func name(_ key: Name) -> Name? { Name(string(key)) }

    /// A string that says something: `""`, `undefined` and `none`, with which the broker says "not set", are nil.
    func setting(_ key: Name) -> String? {
        switch string(key) {
        case nil, "", "undefined", "none": nil
        case .some(let text): text
        }
    }

    /// A name that says something; see ``setting(_:)``.
    func nameSetting(_ key: Name) -> Name? { Name(setting(key)) }

    func int64(_ key: Name) -> Int64? { members[key]?.integerValue }
    func int(_ key: Name) -> Int? { int64(key).flatMap { Int(exactly: $0) } }
    func double(_ key: Name) -> Double? { members[key]?.doubleValue }
    func bool(_ key: Name) -> Bool? { members[key]?.boolValue }

    /// The strings of an array; nil when there is no array. An element that is no string is left out.
    func strings(_ key: Name) -> [String]? { members[key]?.elements?.compactMap(\.text) }

    /// The names of an array; see ``strings(_:)``.
    func names(_ key: Name) -> [Name]? { strings(key)?.map { Name($0) } }

    /// Tags: an array, or (before 3.9) one string with commas; `""`, null and absence are no tags.
    func tags(_ key: Name) -> [String] {
        if let list = strings(key) { return list }
        guard case .string(let text) = self[key] else { return [] }
        return text.parts(separatedBy: ",").map { String($0.trimmingSpaces()) }.filter { !$0.isEmpty }
    }

    /// A map without a fixed shape; empty when absent or `[]`.
    func map(_ key: Name) -> [Name: JSONValue] { members[key]?.members ?? [:] }

    /// An object with something in it; nil when absent, null, `[]` or `{}`.
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

    /// A number and the `_details` beside it.
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
