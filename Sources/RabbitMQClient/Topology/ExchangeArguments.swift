import AMQPWire

/// The optional arguments of an exchange by name. Nil leaves an argument out.
public struct ExchangeArguments: Sendable, Hashable {
    /// Where messages go that this exchange cannot route (`alternate-exchange`).
    public var alternateExchange: String?
    /// Further arguments; they win over the named ones.
    public var others: FieldTable

    public init(alternateExchange: String? = nil, others: FieldTable = [:]) {
        self.alternateExchange = alternateExchange
        self.others = others
    }

    /// As they go on the wire.
    public var table: FieldTable {
        var table = FieldTable()
        if let alternateExchange { table["alternate-exchange"] = .string(alternateExchange) }
        for entry in others { table[entry.key] = entry.value }
        return table
    }
}
