public import Names

/// A path below `/api` with its query. Each part is percent-encoded separately, so that a name may contain any
/// character.
struct RequestPath: Sendable, Hashable, CustomStringConvertible {
    private(set) var path: String
    private(set) var query = ""
    /// A name in it that a path cannot contain.
    private(set) var unaddressable: Name?

    /// - Parameter segments: the names, not percent-encoded.
    init(_ segments: any NameConvertible...) {
        let segments = segments.map(\.asName)
        path = segments.map { "/" + PercentEncoding.encode($0) }.joined()
        unaddressable = segments.first { !$0.isAddressable }
    }

    /// Returns the path below a vhost, if one is given.
    func `in`(_ vhost: Name?) -> RequestPath {
        guard let vhost else { return self }
        var result = self
        result.path += "/" + PercentEncoding.encode(vhost)
        if !vhost.isAddressable { result.unaddressable = vhost }
        return result
    }

    /// Returns the path with further query items.
    func adding(_ items: [(String, Name)]) -> RequestPath {
        var result = self
        for (name, value) in items {
            result.query += result.query.isEmpty ? "?" : "&"
            result.query += PercentEncoding.encode(Name(name)) + "=" + PercentEncoding.encode(value)
        }
        return result
    }

    /// Path and query without `/api`, as used by the Prometheus endpoint.
    var pathAndQuery: String { path + query }

    var description: String { "/api" + path + query }
}

extension Name {
    /// Whether the HTTP API can have the name in a path. `.` and `..` are relative path segments, encoded or not (RFC
    /// 3986, 5.2.4).
    public var isAddressable: Bool { self != "." && self != ".." }
}

enum PercentEncoding {
    /// Encodes every byte that is not unreserved in RFC 3986, including slashes.
    static func encode(_ name: Name) -> String {
        let bytes = name.bytes
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"),
                UInt8(ascii: "."):
                result.append(byte)
            default:
                result.append(UInt8(ascii: "%"))
                result.append(hexadecimal(byte >> 4))
                result.append(hexadecimal(byte & 0xF))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10
    }
}
