/// Bytes that AMQP 0-9-1 does not allow, or a value that it cannot carry.
public enum WireError: Error, Hashable, Sendable {
    /// The payload ends inside a value.
    case truncated
    /// The payload goes on after its last value.
    case trailingBytes(count: Int)
    /// A frame larger than was agreed on, with its header and end octet.
    case frameTooLarge(size: UInt64, limit: UInt32)
    /// A frame that does not end in 0xCE.
    case wrongFrameEnd(UInt8)
    case unknownFrameType(UInt8)
    /// A heartbeat on a channel, or with a payload.
    case invalidHeartbeat
    /// The peer answered with a protocol header: it speaks another version (specification, section 4.2.2).
    case protocolHeader(ProtocolHeader)
    /// Neither a frame nor a protocol header of AMQP.
    case notAMQP
    case unknownMethod(MethodID)
    /// A content header of a class other than basic.
    case unexpectedContentClass(UInt16)
    case invalidPropertyFlags(UInt16)
    case unknownFieldType(UInt8)
    /// Tables and arrays inside each other deeper than `FieldTable.maximumDepth`.
    case nestingTooDeep
    /// A short string of more than 255 bytes was to be written.
    case shortStringTooLong(bytes: Int)
    /// A string, table or body beyond what its length field can say was to be written.
    case valueTooLong(bytes: Int)

    /// The code with which a peer that sent such bytes is closed.
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
