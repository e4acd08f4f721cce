import NIOCore

extension BasicProperties {
    /// Reads flags and values of a content header. The reader must be at the property flags.
    init(from reader: inout PayloadReader) throws(WireError) {
        let flags = try reader.short()
        // Bit 0 means that another word of flags follows; class basic has 14 properties and never needs one.
        guard flags & 0b11 == 0 else { throw .invalidPropertyFlags(flags) }
        guard flags != 0 else {
            self.init()
            return
        }
        var fields = Fields()
        if flags & 0x8000 != 0 { fields.contentType = try reader.name() }
        if flags & 0x4000 != 0 { fields.contentEncoding = try reader.name() }
        if flags & 0x2000 != 0 { fields.headers = try reader.table() }
        if flags & 0x1000 != 0 { fields.deliveryMode = try reader.octet() }
        if flags & 0x0800 != 0 { fields.priority = try reader.octet() }
        if flags & 0x0400 != 0 { fields.correlationID = try reader.name() }
        if flags & 0x0200 != 0 { fields.replyTo = try reader.name() }
        if flags & 0x0100 != 0 { fields.expiration = try reader.name() }
        if flags & 0x0080 != 0 { fields.messageID = try reader.name() }
        if flags & 0x0040 != 0 { fields.timestamp = try reader.longLong() }
        if flags & 0x0020 != 0 { fields.type = try reader.name() }
        if flags & 0x0010 != 0 { fields.userID = try reader.name() }
        if flags & 0x0008 != 0 { fields.appID = try reader.name() }
        if flags & 0x0004 != 0 { fields.clusterID = try reader.name() }
        self.init(fields: fields)
    }

    /// Writes flags and values. `extraHeader` is added at the end of `headers`.
    func write(to buffer: inout ByteBuffer, extraHeader: (key: String, value: FieldValue)? = nil) throws(WireError) {
        guard var fields = self.fields ?? (extraHeader == nil ? nil : Fields()) else {
            buffer.writeInteger(0, as: UInt16.self)
            return
        }
        if let extraHeader {
            var headers = fields.headers ?? [:]
            headers[extraHeader.key] = extraHeader.value
            fields.headers = headers
        }
        let flagsIndex = buffer.writerIndex
        var flags: UInt16 = 0
        buffer.writeInteger(flags)
        if let value = fields.contentType {
            flags |= 0x8000
            try buffer.writeName(value)
        }
        if let value = fields.contentEncoding {
            flags |= 0x4000
            try buffer.writeName(value)
        }
        if let value = fields.headers {
            flags |= 0x2000
            try buffer.writeTable(value)
        }
        if let value = fields.deliveryMode {
            flags |= 0x1000
            buffer.writeInteger(value)
        }
        if let value = fields.priority {
            flags |= 0x0800
            buffer.writeInteger(value)
        }
        if let value = fields.correlationID {
            flags |= 0x0400
            try buffer.writeName(value)
        }
        if let value = fields.replyTo {
            flags |= 0x0200
            try buffer.writeName(value)
        }
        if let value = fields.expiration {
            flags |= 0x0100
            try buffer.writeName(value)
        }
        if let value = fields.messageID {
            flags |= 0x0080
            try buffer.writeName(value)
        }
        if let value = fields.timestamp {
            flags |= 0x0040
            buffer.writeInteger(value)
        }
        if let value = fields.type {
            flags |= 0x0020
            try buffer.writeName(value)
        }
        if let value = fields.userID {
            flags |= 0x0010
            try buffer.writeName(value)
        }
        if let value = fields.appID {
            flags |= 0x0008
            try buffer.writeName(value)
        }
        if let value = fields.clusterID {
            flags |= 0x0004
            try buffer.writeName(value)
        }
        buffer.setInteger(flags, at: flagsIndex)
    }
}
