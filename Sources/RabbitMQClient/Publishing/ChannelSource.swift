import NIOConcurrencyHelpers

/// The source of the channel of a publisher or an RPC client: a given channel, or one of its own that is opened when it
/// is needed, and again after it was closed.
final class ChannelSource: Sendable {
    enum Origin: Sendable {
        case channel(Channel)
        case connection(Connection)
        case pool(ChannelPool)
    }

    private struct Opened: Sendable {
        var channel: Channel?
        var lease: ChannelLease?
        var error: ClientError?
    }

    private struct State {
        var current = Opened()
        var opening: Task<Opened, Never>?
        var isClosed = false
    }

    private let origin: Origin
    private let state = NIOLockedValueBox(State())

    init(_ origin: Origin) {
        self.origin = origin
    }

    deinit {
        state.withLockedValue { $0.current }.channel.map(giveUp)
    }

    /// Whether a closed channel can be replaced.
    var reopens: Bool {
        switch origin {
        case .channel: false
        case .connection, .pool: true
        }
    }

    var connection: ConnectionCore {
        switch origin {
        case .channel(let channel): channel.core.connection
        case .connection(let connection): connection.core
        case .pool(let pool): pool.connection.core
        }
    }

    /// Returns a channel that was open when it was checked. Tasks that find none wait for the same one.
    func channel() async throws(ClientError) -> Channel {
        if case .channel(let channel) = origin { return channel }
        enum Way {
            case open(Channel)
            case opening(Task<Opened, Never>)
            case closed
        }
        var old = Opened()
        let way: Way = state.withLockedValue { state in
            if state.isClosed { return .closed }
            if let channel = state.current.channel, channel.isOpen { return .open(channel) }
            if let opening = state.opening { return .opening(opening) }
            swap(&old, &state.current)
            // Without a parent, so that the cancellation of one waiter does not affect the others. It ends by the
            // deadlines of opening.
            let opening = Task { await self.open() }
            state.opening = opening
            return .opening(opening)
        }
        // A lease returns here, outside the lock, and before any task waits for the next one.
        old = Opened()
        switch way {
        case .open(let channel): return channel
        case .opening(let task):
            let opened = await task.value
            if let channel = opened.channel { return channel }
            throw opened.error ?? Self.closed
        case .closed: throw Self.closed
        }
    }

    /// Closes the channel if it belongs to this source. No other channel is opened.
    func close() {
        let last = state.withLockedValue { state in
            state.isClosed = true
            defer { state.current = Opened() }
            return state.current
        }
        last.channel.map(giveUp)
    }

    private static let closed = ClientError(
        .channelClosed, "It was closed by the application.", advice: "Make another.")

    private func open() async -> Opened {
        var opened = Opened()
        do throws(ClientError) {
            switch origin {
            case .channel(let channel): opened.channel = channel
            case .connection(let connection): opened.channel = try await Self.openChannel(on: connection)
            case .pool(let pool):
                let lease = try await pool.checkout()
                opened.lease = lease
                opened.channel = lease.channel
            }
        } catch {
            opened.error = error
        }
        let isClosed = state.withLockedValue { state in
            state.opening = nil
            if !state.isClosed { state.current = opened }
            return state.isClosed
        }
        guard isClosed else { return opened }
        opened.channel.map(giveUp)
        return Opened(error: Self.closed)
    }

    /// A channel that was being opened when the connection was lost is opened once more: it is not restored.
    private static func openChannel(on connection: Connection) async throws(ClientError) -> Channel {
        do throws(ClientError) {
            return try await connection.openChannel()
        } catch {
            guard error.code == .connectionClosed, connection.closeReason == nil else { throw error }
            return try await connection.openChannel()
        }
    }

    /// A lease returns by itself when it is released.
    private func giveUp(_ channel: Channel) {
        if case .connection = origin { channel.abandon() }
    }
}
