public import Names

/// A path below `/api` and its query, percent-encoded piece by piece, so that a name may hold anything.
struct RequestPath: Sendable, Hashable, CustomStringConvertible {
    private(set) var path: String
    private(set) var query = ""
    /// A name in it that no path can hold.
    private(set) var unaddressable: Name?

    /// - Parameter segments: names as they are, not encoded.
    init(_ segments: any NameConvertible...) {
        let segments = segments.map(\.asName)
        path = segments.map { "/" + PercentEncoding.encode($0) }.joined()
        unaddressable = segments.first { !$0.isAddressable }
    }

    /// The same below a vhost, if one is named.
    func `in`(_ vhost: Name?) -> RequestPath {
        guard let vhost else { return self }
        var result = self
        result.path += "/" + PercentEncoding.encode(vhost)
        if !vhost.isAddressable { result.unaddressable = vhost }
        return result
    }

    /// The same with more query items.
    func adding(_ items: [(String, Name)]) -> RequestPath {
        var result = self
        for (name, value) in items {
            result.query += result.query.isEmpty ? "?" : "&"
            result.query += PercentEncoding.encode(Name(name)) + "=" + PercentEncoding.encode(value)
        }
        return result
    }

    /// Path and query without `/api` before them: what the Prometheus endpoint serves.
    var pathAndQuery: String { path + query }

    var description: String { "/api" + path + query }
}

extension Name {
    /// Whether the HTTP API can have it in a path: `.` and `..` are steps in the path, encoded or not (RFC 3986, 5.2.4).
    public var isAddressable: Bool { self != "." && self != ".." }
}

enum PercentEncoding {
    /// Encodes every byte that RFC 3986 does not call unreserved, slashes too.
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
