public import AMQPWire
import Names
import TopCore

extension BasicProperties {
    /// Sets a property that is written as text: `content_type` to `text/plain`, `priority` to `5`.
    ///
    /// - Returns: false if there is no such property, or the value does not fit.
    public mutating func setProperty(_ name: String, to value: String) -> Bool {
        SavedProperties.set(name, to: value, in: &self)
    }

    /// The names of all properties but the headers.
    public static var propertyNames: [String] { SavedProperties.names }
}

extension FieldValue {
    init(_ value: TypedHeaderValue) {
        switch value {
        case .text(let text): self = .string(text)
        case .integer(let number): self = .int64(number)
        case .number(let number): self = .double(number)
        case .flag(let flag): self = .bool(flag)
        case .time(let seconds): self = .timestamp(seconds)
        case .bytes(let bytes): self = .bytes(bytes)
        case .list(let values): self = .array(values.map { FieldValue($0) })
        case .void: self = .void
        }
    }
}
