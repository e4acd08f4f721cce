/// Received bytes that AMQP 0-9-1 does not allow, or a value that it cannot carry.
public enum WireError: Error, Hashable, Sendable {
    /// The payload ends within a value.
    case truncated
    /// The payload continues after its last value.
    case trailingBytes(count: Int)
    /// A frame is larger than negotiated; the size includes header and end octet, in bytes.
    case frameTooLarge(size: UInt64, limit: UInt32)
    /// A frame does not end with 0xCE.
    case wrongFrameEnd(UInt8)
    /// A frame has an unknown type.
    case unknownFrameType(UInt8)
    /// A heartbeat has a channel number other than 0, or a payload.
    case invalidHeartbeat
    /// The peer replied with a protocol header: it uses another version (specification, section 4.2.2).
    case protocolHeader(ProtocolHeader)
    /// The bytes are neither a frame nor a protocol header of AMQP.
    case notAMQP
    /// A method is unknown.
    case unknownMethod(MethodID)
    /// A content header has a class other than basic.
    case unexpectedContentClass(UInt16)
    /// The property flags of a content header are invalid.
    case invalidPropertyFlags(UInt16)
    /// A field has an unknown type tag.
    case unknownFieldType(UInt8)
    /// Tables and arrays are nested deeper than `FieldTable.maximumDepth`.
    case nestingTooDeep
    /// A short string to be written has more than 255 bytes.
    case shortStringTooLong(bytes: Int)
    /// A string, table or body to be written is longer than its length field allows.
    case valueTooLong(bytes: Int)

    /// The reply code for closing the connection to a peer that sent such bytes.
    public var replyCode: ReplyCode {
        switch self {
        case .truncated, .trailingBytes, .frameTooLarge, .wrongFrameEnd, .unknownFrameType, .invalidHeartbeat,
            .protocolHeader, .notAMQP, .unexpectedContentClass:
            .frameError
        case .invalidPropertyFlags, .unknownFieldType, .nestingTooDeep, .shortStringTooLong, .valueTooLong:
            .syntaxError
        case .unknownMethod: .notImplemented
        }
    }
}

extension WireError: CustomStringConvertible {
    /// What is wrong, in a few words.
    public var description: String {
        switch self {
        case .truncated: "payload ends inside a value"
        case .trailingBytes(let count): "\(count) bytes after the last value"
        case .frameTooLarge(let size, let limit): "frame of \(size) bytes, limit is \(limit)"
        case .wrongFrameEnd(let octet): "frame ends in \(octet), not in 206"
        case .unknownFrameType(let type): "unknown frame type \(type)"
        case .invalidHeartbeat: "heartbeat on a channel or with a payload"
        case .protocolHeader(let header): "peer answers with protocol header \(header)"
        case .notAMQP: "peer does not speak AMQP"
        case .unknownMethod(let id): "unknown \(id)"
        case .unexpectedContentClass(let id): "content header of class \(id)"
        case .invalidPropertyFlags(let flags): "property flags \(flags)"
        case .unknownFieldType(let tag): "unknown field type \(tag)"
        case .nestingTooDeep: "tables nested deeper than \(FieldTable.maximumDepth)"
        case .shortStringTooLong(let bytes): "short string of \(bytes) bytes, limit is 255"
        case .valueTooLong(let bytes): "value of \(bytes) bytes is too long"
        }
    }
}
