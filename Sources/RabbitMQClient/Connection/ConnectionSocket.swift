import AMQPWire
import DequeModule
import NIOCore

/// The current socket of a connection, or its last one.
struct ConnectionSocket {
    struct SecretWaiter {
        var deadline: NIODeadline
        /// Nil once the deadline has passed; the reply may still arrive.
        var waiter: Waiter<Result<Void, ClientError>>?
    }

    var machine: SocketMachine
    /// The connection's name as the broker shows it.
    var name: String
    var endpoint: Endpoint?
    /// The number of sockets so far; the first is 1.
    var number = 0
    /// What the last handshake agreed on, and what the broker said of itself in it.
    var tuning = SocketMachine.Tuning(channelMax: 0, frameMax: 0, heartbeat: 0)
    var serverProperties: FieldTable = [:]
    var blockedReason: String?
    /// Whether it is connected and its end was not reported.
    private(set) var isConnected = false
    /// The result of the handshake.
    private(set) var opening: Result<Void, ClientError>?
    private var openWaiter: Waiter<Result<Void, ClientError>>?
    private var endWaiters = WaiterList<Void>()
    private var secretWaiters: Deque<SecretWaiter> = []

    init(proposal: SocketMachine.Proposal, name: String) {
        machine = SocketMachine(proposal: proposal)
        self.name = name
    }

    /// Prepares for another socket.
    mutating func begin(_ endpoint: Endpoint) {
        machine = SocketMachine(proposal: machine.proposal)
        opening = nil
        self.endpoint = endpoint
        number += 1
        name = "-> \(endpoint)"
        blockedReason = nil
    }

    mutating func connected() { isConnected = true }

    // MARK: The handshake

    /// Returns the result if it is known, and keeps the waiter otherwise.
    mutating func awaitOpening(_ waiter: Waiter<Result<Void, ClientError>>) -> Result<Void, ClientError>? {
        if opening == nil { openWaiter = waiter }
        return opening
    }

    /// Sets the result, once. Returns who waits for it.
    mutating func finishOpening(_ result: Result<Void, ClientError>) -> Waiter<Result<Void, ClientError>>? {
        guard opening == nil else { return nil }
        opening = result
        return openWaiter.take()
    }

    // MARK: The end

    /// Returns a value if the socket has ended, and keeps the waiter otherwise.
    mutating func awaitEnd(_ waiter: Waiter<Void>) -> Void? {
        guard isConnected else { return () }
        endWaiters.append(waiter)
        return nil
    }

    /// The socket has ended. Returns who waits for that.
    mutating func ended() -> [Waiter<Void>] {
        isConnected = false
        blockedReason = nil
        return endWaiters.takeAll()
    }

    // MARK: Secrets

    mutating func secretSent(_ waiter: Waiter<Result<Void, ClientError>>, deadline: NIODeadline) {
        secretWaiters.append(SecretWaiter(deadline: deadline, waiter: waiter))
    }

    /// The broker has replied to the oldest request; nil if there is none.
    mutating func secretUpdated() -> SecretWaiter? { secretWaiters.popFirst() }

    /// Takes out the waiters whose deadline has passed. Their requests keep their places.
    mutating func takeOverdueSecrets(_ now: NIODeadline) -> [Waiter<Result<Void, ClientError>>] {
        var overdue: [Waiter<Result<Void, ClientError>>] = []
        for index in secretWaiters.indices where secretWaiters[index].deadline <= now {
            if let waiter = secretWaiters[index].waiter.take() { overdue.append(waiter) }
        }
        return overdue
    }

    mutating func takeSecrets() -> [Waiter<Result<Void, ClientError>>] {
        defer { secretWaiters.removeAll() }
        return secretWaiters.compactMap(\.waiter)
    }
}
