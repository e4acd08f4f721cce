extension KeyedDecodingContainer {
    /// The value of a key, or this one where there is none: for what reports of earlier versions do not have.
    func decode<Value: Decodable>(_ key: Key, or fallback: @autoclosure () -> Value) throws -> Value {
        try decodeIfPresent(Value.self, forKey: key) ?? fallback()
    }
}
