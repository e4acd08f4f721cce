extension KeyedDecodingContainer {
    /// Decodes the value of a key, or returns the fallback if there is none: for fields that reports of earlier
    /// versions do not have.
    func decode<Value: Decodable>(_ key: Key, or fallback: @autoclosure () -> Value) throws -> Value {
        try decodeIfPresent(Value.self, forKey: key) ?? fallback()
    }
}
