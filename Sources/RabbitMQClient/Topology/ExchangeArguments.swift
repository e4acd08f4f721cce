import AMQPWire

/// The optional arguments of an exchange by name. An argument that is nil is not sent.
public struct ExchangeArguments: Sendable, Hashable {
    /// The exchange for messages that this exchange cannot route (`alternate-exchange`).
    public var alternateExchange: String?
    /// Further arguments; they replace named ones with the same key.
    public var others: FieldTable

    /// Creates exchange arguments.
    public init(alternateExchange: String? = nil, others: FieldTable = [:]) {
        self.alternateExchange = alternateExchange
        self.others = others
    }

    /// The arguments as a field table.
    public var table: FieldTable {
        var table = FieldTable()
        if let alternateExchange { table["alternate-exchange"] = .string(alternateExchange) }
        for entry in others { table[entry.key] = entry.value }
        return table
    }
}
