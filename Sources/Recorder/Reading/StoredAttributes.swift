import Foundation

/// Decodes attributes as they are stored: times are milliseconds, and fields that rabbittop got later are missing.
enum StoredAttributes {
    /// Decodes attributes. Fields that are missing are those of `empty`; `nil` when the text is no such value.
    static func decode<Value: Codable>(_ text: String, onto empty: Value) -> Value? {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            Date(milliseconds: try decoder.singleValueContainer().decode(Int64.self))
        }
        let data = Data(text.utf8)
        if let value = try? decoder.decode(Value.self, from: data) { return value }
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.milliseconds ?? 0)
        }
        guard let known = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let defaults = (try? encoder.encode(empty)).flatMap({ try? JSONSerialization.jsonObject(with: $0) })
                as? [String: Any],
            let merged = try? JSONSerialization.data(withJSONObject: merge(known, onto: defaults))
        else { return nil }
        return try? decoder.decode(Value.self, from: merged)
    }

    private static func merge(_ known: [String: Any], onto defaults: [String: Any]) -> [String: Any] {
        defaults.merging(known) { old, new in
            guard let old = old as? [String: Any], let new = new as? [String: Any] else { return new }
            return merge(new, onto: old)
        }
    }
}
