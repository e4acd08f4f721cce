public import Faults
import NIOCore
import Names

/// A fault that stays in force in the proxy until it is undone.
protocol LastingFault: DeclaredFault {
    /// Whether it takes effect once unless the order says how often: because it ends the connection.
    var isOnce: Bool { get }
    /// Whether an order with this selector lasts; otherwise the fault takes effect at once.
    func lasts(_ selector: FaultSelector) -> Bool
}

extension LastingFault {
    var isOnce: Bool { false }
    func lasts(_ selector: FaultSelector) -> Bool { true }
}

/// A fault on the bytes of one direction, whatever they are.
protocol ShapingFault: LastingFault {
    /// The sides to which the shaped bytes flow.
    var sides: Set<Side> { get }
    var limits: TrafficShaper.Limits { get }
}

/// A fault as the cause of an event: its name in the ledger, and what it can end.
public struct FaultCause: Sendable, Hashable, Codable {
    /// The fault's name in the ledger, `close-channel #3`.
    public var label: String
    /// What the fault can end, or return to its sender.
    var breaks: Set<FaultDescription.Scope>

    /// Creates the cause of what an order brings about.
    public init(_ order: FaultOrder) {
        label = order.label
        breaks = order.description.breaks
    }
}

/// A lasting fault in force in the proxy.
struct ProxyFault: Sendable, Identifiable {
    let id: UInt64
    let declared: any LastingFault
    /// The same fault, if it works on frames.
    let frames: (any FrameFault)?
    let cause: FaultCause
    let aim: FaultAim
    let selector: FaultSelector
    let seed: UInt64
    /// How often it has taken effect, as it begins.
    let trigger: FaultTrigger
    private let ending: AsyncStream<Never>
    private let end: AsyncStream<Never>.Continuation

    /// Creates the lasting fault of an order; nil for a fault that takes effect at once, and for one of another
    /// injection point.
    init?(_ order: FaultOrder, id: UInt64) {
        guard let declared = order.declared as? any LastingFault, declared.lasts(order.fault.selector) else {
            return nil
        }
        var fault = order.fault
        if declared.isOnce, fault.selector.times == nil, fault.selector.percentage == nil, fault.selector.every == nil {
            fault.selector.times = 1
        }
        self.id = id
        self.declared = declared
        // A block that holds nothing back only sends its notice, and works on no frames.
        frames = (declared as? BlockConnectionFault)?.holds == false ? nil : declared as? any FrameFault
        cause = FaultCause(order)
        aim = FaultAim(fault.selector)
        selector = fault.selector
        seed = fault.seed
        trigger = FaultTrigger(fault)
        (ending, end) = AsyncStream.makeStream()
    }

    /// Whether a number of messages or bytes has to pass first.
    var waits: Bool { selector.waits }

    /// Waits until it has taken effect as often as it may, or the task is cancelled.
    func untilSpent() async { for await _ in ending {} }

    /// Ends the wait, because it has taken effect as often as it may.
    func finish() { end.finish() }
}

extension FaultSelector {
    /// Whether a number of messages or bytes has to pass first.
    var waits: Bool { afterMessages != nil || afterBytes != nil }
}

/// What the sessions of a proxy share of the faults in force: how often each has taken effect, and the bytes they hold.
struct FaultCounters: Sendable {
    private var triggers: [ProxyFault.ID: FaultTrigger] = [:]
    /// The faults that have taken effect as often as they may, since this was last asked.
    private var spent: [ProxyFault.ID] = []
    /// The bytes that are held in all sessions, with the overhead.
    var heldBytes = 0
    /// The limit of `heldBytes`.
    var heldBytesLimit = 4 * SessionMachine.heldBytesLimit

    mutating func add(_ fault: ProxyFault) { triggers[fault.id] = fault.trigger }

    mutating func remove(_ fault: ProxyFault) { triggers[fault.id] = nil }

    /// Returns how often a fault has taken effect; nil if it is not in force.
    func hits(of fault: ProxyFault) -> Int? { triggers[fault.id]?.hits }

    /// Whether a fault has taken effect as often as it may.
    func isSpent(_ fault: ProxyFault) -> Bool { triggers[fault.id]?.isSpent ?? false }

    /// Returns whether a fault takes effect on this occasion, and counts it.
    mutating func strikes(_ fault: ProxyFault, passed: Int = 0, bytes: UInt64 = 0) -> Bool {
        guard triggers[fault.id]?.strikes(passed: passed, bytes: bytes) == true else { return false }
        if isSpent(fault) { spent.append(fault.id) }
        return true
    }

    mutating func takeSpent() -> [ProxyFault.ID] {
        guard !spent.isEmpty else { return [] }
        defer { spent.removeAll() }
        return spent
    }
}

/// The part of a selector that selects connections and channels.
struct FaultAim: Sendable {
    private let connection: Pattern?
    private let connections: Set<Name>?
    private let user: Pattern?
    private let virtualHost: Pattern?
    private let channel: Int?
    private let queue: Pattern?
    private let exchange: Pattern?

    init(_ selector: FaultSelector) {
        connection = selector.connection.map(Pattern.init)
        connections = selector.connections?.names
        user = selector.user.map(Pattern.init)
        virtualHost = selector.virtualHost.map(Pattern.init)
        channel = selector.channel
        queue = selector.queue.map(Pattern.init)
        exchange = selector.exchange.map(Pattern.init)
    }

    /// Whether it selects by queue or exchange, which only publishes and deliveries name.
    var asksForNames: Bool { queue != nil || exchange != nil }

    /// Whether it selects channels instead of whole connections.
    var asksForChannel: Bool { channel != nil || asksForNames }

    /// Whether a connection is selected.
    ///
    /// - Parameter names: the connection's names, and its client's address.
    func meets(_ identity: SessionIdentity, names: [Name]) -> Bool {
        if let connection, !names.contains(where: { connection.matches($0.text) }) { return false }
        if let connections, !names.contains(where: connections.contains) { return false }
        if let user, !(identity.user.map { user.matches($0.text) } ?? false) { return false }
        if let virtualHost, !(identity.virtualHost.map { virtualHost.matches($0.text) } ?? false) { return false }
        return true
    }

    func meets(channel number: UInt16, queues: [Name], exchange name: Name?) -> Bool {
        if let channel, channel != Int(number) { return false }
        if let queue, !queues.contains(where: { queue.matches($0.text) }) { return false }
        if let exchange, !(name.map { exchange.matches($0.text) } ?? false) { return false }
        return true
    }
}
