import RabbitMQClient

/// A pool as it is often written: a stack to which channels are returned after use. It does not consider that a channel
/// can be closed meanwhile: a returned channel is handed out again unchecked.
actor NaivePool {
    private let size: Int
    private let open: @Sendable () async throws(ClientError) -> Channel
    private var idle: [Channel] = []
    private var opened = 0
    private var waiting: [CheckedContinuation<Result<Channel, ClientError>, Never>] = []

    init(size: Int, open: @escaping @Sendable () async throws(ClientError) -> Channel) {
        self.size = max(1, size)
        self.open = open
    }

    /// Returns a returned channel, or a new one while there are fewer than `size`; otherwise waits until one is
    /// returned.
    func take() async throws(ClientError) -> Channel {
        if let channel = idle.popLast() { return channel }
        if opened < size {
            opened += 1
            do throws(ClientError) {
                return try await open()
            } catch {
                opened -= 1
                // No channel will be returned to the waiting tasks.
                for waiter in waiting { waiter.resume(returning: .failure(error)) }
                waiting.removeAll()
                throw error
            }
        }
        return try await withCheckedContinuation { waiting.append($0) }.get()
    }

    func giveBack(_ channel: Channel) {
        if waiting.isEmpty {
            idle.append(channel)
        } else {
            waiting.removeFirst().resume(returning: .success(channel))
        }
    }
}
