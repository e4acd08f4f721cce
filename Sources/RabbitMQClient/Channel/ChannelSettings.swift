import AMQPWire

/// What the application has set on a channel. Recovery sets it again on the next socket.
struct ChannelSettings: Equatable {
    enum Mode: Equatable {
        case plain
        case confirms
        case transactions(Transaction)
    }

    /// The state of a transactional channel's transaction.
    enum Transaction: Equatable {
        /// The transaction is empty.
        case clean
        case begun
        /// The connection was lost during the transaction: its first part is lost, and it cannot be committed.
        case lost(CloseReason)
    }

    private(set) var mode = Mode.plain
    /// The prefetch of the consumers that are started next.
    private(set) var prefetch: UInt16 = 0
    /// The prefetch of the whole channel; nil if it was never set.
    private(set) var globalPrefetch: UInt16?

    var isTransactional: Bool { if case .transactions = mode { true } else { false } }

    var hasConfirms: Bool { if case .confirms = mode { true } else { false } }

    /// The methods that give a new channel these settings.
    var openMethods: [Method] {
        var methods: [Method] = [.channelOpen]
        switch mode {
        case .plain: break
        case .confirms: methods.append(.confirmSelect(ConfirmSelect()))
        case .transactions: methods.append(.txSelect)
        }
        if let globalPrefetch, globalPrefetch > 0 {
            methods.append(.basicQos(BasicQos(prefetchCount: globalPrefetch, isGlobal: true)))
        }
        if prefetch > 0 { methods.append(.basicQos(BasicQos(prefetchCount: prefetch))) }
        return methods
    }

    /// A request was sent.
    mutating func requested(_ method: Method) {
        switch method {
        case .basicQos(let qos) where qos.isGlobal: globalPrefetch = qos.prefetchCount
        case .basicQos(let qos): prefetch = qos.prefetchCount
        case .confirmSelect: mode = .confirms
        // A second `tx.select`, as recovery's, changes nothing about the transaction.
        case .txSelect: if !isTransactional { mode = .transactions(.clean) }
        default: break
        }
    }

    /// A message was published or a delivery settled.
    mutating func worked() {
        if case .transactions(.clean) = mode { mode = .transactions(.begun) }
    }

    /// The transaction was committed or rolled back.
    mutating func transactionEnded() {
        if case .transactions = mode { mode = .transactions(.clean) }
    }

    /// Why the transaction cannot be committed; it is over with that. Nil if it can be.
    mutating func takeLostTransaction() -> CloseReason? {
        guard case .transactions(.lost(let reason)) = mode else { return nil }
        mode = .transactions(.clean)
        return reason
    }

    /// - Parameter isCommitting: whether a commit has no reply yet; its caller is told of the loss.
    mutating func connectionLost(_ reason: CloseReason, isCommitting: Bool) {
        if case .transactions(.begun) = mode { mode = .transactions(isCommitting ? .clean : .lost(reason)) }
    }
}
