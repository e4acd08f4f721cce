import AMQPWire

extension FieldTable {
    /// The approximate size of the table in memory, in bytes: a table that is small on the wire may be large in memory.
    var footprint: Int { entries.reduce(0) { $0 + 64 + $1.key.count + $1.value.footprint } }
}

extension FieldValue {
    fileprivate var footprint: Int {
        switch self {
        case .string(let text): text.count
        case .bytes(let bytes): bytes.count
        case .array(let values): values.reduce(0) { $0 + 48 + $1.footprint }
        case .table(let table): table.footprint
        default: 0
        }
    }
}
