import Names

extension Form.Key {
    static let configure = "configure"
    static let writing = "write"
    static let reading = "read"

    static func limit(_ limit: LimitChange.Limit) -> String { "limit.\(limit.rawValue)" }
}

/// Reads the forms for limits and permissions.
extension Form {
    mutating func limits(of owner: LimitChange.Owner) -> LimitChange {
        var change = LimitChange(of: owner, to: [:])
        for limit in owner.limits {
            let typed = text(Key.limit(limit))
            if typed.isEmpty { continue }
            guard let value = Int(typed), (0...Int(Int32.max)).contains(value) else {
                note(Key.limit(limit), "a whole number from 0, or nothing")
                continue
            }
            change.values[limit] = value
        }
        return change
    }

    mutating func permission() -> UserRow.Permission {
        UserRow.Permission(
            vhost: name(Key.vhost), configure: pattern(Key.configure), write: pattern(Key.writing),
            read: pattern(Key.reading))
    }

    private mutating func pattern(_ key: String) -> String {
        let typed = self[key]?.editor.text ?? ""
        do {
            _ = try Regex(typed)
        } catch {
            note(key, Filter.reason(error))
        }
        return typed
    }
}
