/// Reads an object's fields leniently: what is not there, or not of the kind asked for, is nil.
struct RowFields {
    private let members: [String: JSONValue]

    init?(_ json: JSONValue) {
        guard let members = json.members else { return nil }
        self.members = members
    }

    init(_ members: [String: JSONValue]) { self.members = members }

    subscript(_ key: String) -> JSONValue { members[key] ?? .null }

    func string(_ key: String) -> String? { members[key]?.text }

    /// A string that says something: `""`, `undefined` and `none`, with which the broker says "not set", are nil.
    func setting(_ key: String) -> String? {
        switch string(key) {
        case nil, "", "undefined", "none": nil
        case .some(let text): text
        }
    }

    func int64(_ key: String) -> Int64? { members[key]?.integerValue }
    func int(_ key: String) -> Int? { int64(key).flatMap { Int(exactly: $0) } }
    func double(_ key: String) -> Double? { members[key]?.doubleValue }
    func bool(_ key: String) -> Bool? { members[key]?.boolValue }

    /// The strings of an array; nil when there is no array. An element that is no string is left out.
    func strings(_ key: String) -> [String]? { members[key]?.elements?.compactMap(\.text) }

    /// Tags: an array, or (before 3.9) one string with commas; `""`, null and absence are no tags.
    func tags(_ key: String) -> [String] {
        if let list = strings(key) { return list }
        guard case .string(let text) = self[key] else { return [] }
        return text.split(separator: ",").map { String($0.trimmingSpaces()) }.filter { !$0.isEmpty }
    }

    /// A map without a fixed shape; empty when absent or `[]`.
    func map(_ key: String) -> [String: JSONValue] { members[key]?.members ?? [:] }

    /// An object with something in it; nil when absent, null, `[]` or `{}`.
    func object(_ key: String) -> RowFields? {
        guard let inner = members[key]?.members, !inner.isEmpty else { return nil }
        return RowFields(inner)
    }

    func rows<Row: ManagementRow>(_ key: String) -> [Row] {
        members[key]?.elements?.compactMap(Row.init(json:)) ?? []
    }

    func row<Row: ManagementRow>(_ key: String) -> Row? {
        guard let inner = members[key]?.members, !inner.isEmpty else { return nil }
        return Row(json: .object(inner))
    }

    /// A number and the `_details` beside it.
    func figure(_ key: String) -> Figure {
        let details = object(key + "_details")
        return Figure(value: int64(key), rate: details?.double("rate"), samples: details?.samples())
    }

    func stats(_ key: String = "message_stats") -> MessageStats? {
        object(key).map(MessageStats.init(fields:))
    }

    private func samples() -> [Sample]? {
        self["samples"].elements?.compactMap { element in
            guard let fields = RowFields(element), let time = fields.int64("timestamp"),
                let value = fields.int64("sample")
            else { return nil }
            return Sample(milliseconds: time, value: value)
        }
    }
}

extension Substring {
    func trimmingSpaces() -> Substring {
        var rest = self.drop(while: { $0 == " " })
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
