/// A path below `/api` and its query, percent-encoded piece by piece, so that a name may hold anything.
struct RequestPath: Sendable, Hashable, CustomStringConvertible {
    private(set) var path: String
    private(set) var query = ""

    /// - Parameter segments: names as they are, not encoded.
    init(_ segments: String...) {
        path = segments.map { "/" + PercentEncoding.encode($0) }.joined()
    }

    /// The same below a vhost, if one is named.
    func `in`(_ vhost: String?) -> RequestPath {
        guard let vhost else { return self }
        var result = self
        result.path += "/" + PercentEncoding.encode(vhost)
        return result
    }

    /// The same with more query items.
    func adding(_ items: [(String, String)]) -> RequestPath {
        var result = self
        for (name, value) in items {
            result.query += result.query.isEmpty ? "?" : "&"
            result.query += PercentEncoding.encode(name) + "=" + PercentEncoding.encode(value)
        }
        return result
    }

    /// Path and query without `/api` before them: what the Prometheus endpoint serves.
    var pathAndQuery: String { path + query }

    var description: String { "/api" + path + query }
}

enum PercentEncoding {
    /// Encodes every byte that RFC 3986 does not call unreserved, slashes too; a name of dots only is encoded whole, because
    /// `.` and `..` mean something in a path.
    static func encode(_ text: String) -> String {
        let isDots = text == "." || text == ".."
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.append(byte)
            case UInt8(ascii: ".") where !isDots:
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
