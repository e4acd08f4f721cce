import Names

/// The body of a message for display: unpacked, in its charset, and laid out by what it contains.
public struct MessageBody: Sendable, Equatable {
    /// What a body contains.
    public enum Content: String, Sendable, Equatable {
        case empty, json, text, messagePack = "messagepack", binary
    }

    /// What it contains.
    public var content: Content
    /// JSON over several lines, the text, or bytes in hexadecimal. It may have control characters.
    public var text: String
    /// The encodings that were undone, the outermost first: `gzip`.
    public var unpacked: [String] = []
    /// The charset that the text was in.
    public var charset: String?
    /// Whether only the beginning is shown.
    public var isCut = false
    /// Why it is not shown as its properties say; nil if it is.
    public var problem: String?

    /// The most bytes that a body is unpacked to, and shown of.
    public static let mostBytes = 4 << 20
    /// The most bytes that are shown in hexadecimal.
    public static let mostDumped = 64 << 10

    /// Decodes a body.
    ///
    /// - Parameters:
    ///   - contentType: the property `content_type`.
    ///   - contentEncoding: the property `content_encoding`.
    ///   - limit: the most bytes that it is unpacked to, and shown of.
    public init(_ bytes: [UInt8], contentType: Name?, contentEncoding: Name?, limit: Int = mostBytes) {
        content = .empty
        text = ""
        var bytes = bytes
        let type = MediaType(contentType?.text ?? "")
        var encodings = (contentEncoding?.text ?? "").parts(separatedBy: ",", omittingEmptyParts: true)
            .map { $0.filter { $0 != " " }.lowercased() }
        while let encoding = encodings.popLast() {
            if encoding.utf8.elementsEqual("identity".utf8) || Charset(encoding) != nil { continue }
            do throws(Inflater.Failure) {
                let result: Inflater.Result
                switch encoding {
                case "gzip", "x-gzip": result = try Inflater.gunzip(bytes, limit: limit)
                case "deflate": result = try Inflater.inflate(bytes, limit: limit)
                default:
                    problem = "the encoding \(encoding) is not known"
                    show(bytes, type, limit)
                    return
                }
                bytes = result.bytes
                isCut = isCut || result.isCut
                unpacked.append(encoding)
            } catch {
                problem = "it is not \(encoding), as its content_encoding says"
                show(bytes, type, limit)
                return
            }
        }
        show(bytes, type, limit)
    }

    private mutating func show(_ all: [UInt8], _ type: MediaType, _ limit: Int) {
        let bytes = all.count > limit ? Array(all[..<limit]) : all
        isCut = isCut || all.count > limit
        if bytes.isEmpty { return }
        if problem == nil || unpacked.isEmpty {
            if type.isMessagePack, let packed = MessagePackText.text(bytes, limit: limit) {
                content = .messagePack
                text = packed
                return
            }
            if !isCut, type.mayBeJSON, let json = JSONLayout.text(bytes, limit: 4 * limit) {
                content = .json
                text = json
                return
            }
            if type.isJSON, !isCut, problem == nil { problem = "it is not JSON, as its content_type says" }
        }
        if let (decoded, name) = Charset.decode(bytes, declared: type.charset, isCut: isCut), !decoded.isEmpty {
            content = .text
            text = decoded
            charset = name
            return
        }
        if type.isUnknown, let packed = MessagePackText.text(bytes, limit: limit), bytes[0] >= 0x80 {
            content = .messagePack
            text = packed
            return
        }
        content = .binary
        isCut = isCut || bytes.count > Self.mostDumped
        text = HexText.dump(Array(bytes.prefix(Self.mostDumped)))
    }
}

/// A content type: `application/json; charset=utf-8`.
struct MediaType {
    private let essence: String
    let charset: Charset?

    init(_ text: String) {
        let parts = text.lowercased().parts(separatedBy: ";").map { part in
            part.filter { $0 != " " && $0 != "\"" }
        }
        essence = parts.first ?? ""
        charset =
            parts.dropFirst().lazy.filter { $0.hasBytePrefix("charset=") }
            .map { String($0.dropFirst("charset=".count)) }.compactMap(Charset.init).first
    }

    var isUnknown: Bool { essence.isEmpty || essence.utf8.elementsEqual("application/octet-stream".utf8) }
    var isJSON: Bool { essence.hasByteSuffix("/json") || essence.hasByteSuffix("+json") }
    /// Text that is JSON is laid out, too, whatever it is called.
    var mayBeJSON: Bool { isJSON || isUnknown || essence.hasBytePrefix("text/") }
    var isMessagePack: Bool { essence.containsBytes(of: "msgpack") || essence.containsBytes(of: "messagepack") }
}
