import Names
import RabbitMQManagement

extension JSONValue {
    /// The value as JSON laid out over lines, with its keys in order: for files that people read and compare.
    var textOverLines: String { lines(indentedBy: "") }

    private func lines(indentedBy blanks: String) -> String {
        let inner = blanks + "  "
        switch self {
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { inner + $0.lines(indentedBy: inner) }
            return "[\n" + lines.joined(separator: ",\n") + "\n" + blanks + "]"
        case .object(let members) where !members.isEmpty:
            let lines = members.sorted { $0.key < $1.key }.map { key, value in
                inner + JSONValue.string(key.text).jsonText + ": " + value.lines(indentedBy: inner)
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n" + blanks + "}"
        case .null, .bool, .integer, .largeInteger, .number, .string, .array, .object: return jsonText
        }
    }
}
