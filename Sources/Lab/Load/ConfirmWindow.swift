import RabbitMQClient

/// The unconfirmed publishes of one task, up to a limit.
struct ConfirmWindow {
    private let limit: Int
    private var open: [Confirmation] = []

    init(limit: Int) {
        self.limit = max(1, limit)
        open.reserveCapacity(self.limit)
    }

    var isFull: Bool { open.count >= limit }

    mutating func add(_ confirmation: Confirmation) {
        open.append(confirmation)
    }

    /// Waits until the older half is confirmed: one wait for many confirms.
    mutating func makeRoom() async throws(ClientError) {
        try await take(max(1, open.count / 2))
    }

    /// Waits until all are confirmed.
    mutating func drain() async throws(ClientError) {
        try await take(open.count)
    }

    private mutating func take(_ count: Int) async throws(ClientError) {
        guard count > 0 else { return }
        // Confirms arrive in order: when the newest is confirmed, the others are, or nearly so.
        for index in (0..<count).reversed() { try await open[index].wait() }
        open.removeFirst(count)
    }
}
