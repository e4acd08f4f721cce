/// The MIME type of a body. Create types that have no constant from their text: `ContentType(rawValue: "image/png")`.
public struct ContentType: RawRepresentable, Sendable, Hashable, Codable {
    /// The MIME type as text.
    public var rawValue: String

    /// Creates a type from its text.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// `application/json`
    public static let json = ContentType(rawValue: "application/json")
    /// `text/plain`
    public static let text = ContentType(rawValue: "text/plain")
    /// `application/octet-stream`
    public static let bytes = ContentType(rawValue: "application/octet-stream")
    /// `application/xml`
    public static let xml = ContentType(rawValue: "application/xml")
    /// `application/cbor`
    public static let cbor = ContentType(rawValue: "application/cbor")
    /// `application/x-protobuf`
    public static let protobuf = ContentType(rawValue: "application/x-protobuf")
    /// `application/vnd.msgpack`
    public static let messagePack = ContentType(rawValue: "application/vnd.msgpack")
}
