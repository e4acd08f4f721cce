import RabbitMQClient

/// A pool as it is often written: a stack of things, and whoever is done puts his back. That a channel can be closed while
/// nobody looks did not occur to its author: what is given back is handed out again as it is.
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

    /// One that was given back, or a new one while there are fewer than `size`; else waits until somebody gives one back.
    func take() async throws(ClientError) -> Channel {
        if let channel = idle.popLast() { return channel }
        if opened < size {
            opened += 1
            do throws(ClientError) {
                return try await open()
            } catch {
                opened -= 1
                // There is nobody who would give one back to those who wait.
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
