import RabbitMQManagement

/// All queues, page by page, so that a long list is never in memory as a whole.
struct QueuePages: Sendable {
    /// The highest number of queues that are requested in one answer, which lacks no row.
    private static let longestAnswer = 1_000

    private let client: ManagementClient
    private let mode: QueueListMode
    /// The query of the next page; nil after the last one.
    private var query: ListQuery?
    private var walk = PageWalk()

    /// - Parameters:
    ///   - count: the number of queues; nil if it is not known.
    ///   - lacksStatistics: whether the broker collects no statistics; then only the totals contain depths.
    init(_ client: ManagementClient, count: Int?, lacksStatistics: Bool) {
        self.client = client
        mode = lacksStatistics ? .totals : .full
        query = (count ?? .max) <= Self.longestAnswer ? .all : .allPages
    }

    /// Requests the next page; nil after the last one.
    mutating func next() async throws(ManagementError) -> [QueueInfo]? {
        guard var query else { return nil }
        guard query != .all else {
            self.query = nil
            return try await client.queues(query, vhost: nil, mode: mode).items
        }
        query.page = walk.page
        let answer: Page<QueueInfo>
        do {
            answer = try await client.queues(query, vhost: nil, mode: mode)
        } catch {
            guard error.code == .pageOutOfRange, walk.page > 1 else { throw error }
            // The list has become shorter in the meantime.
            self.query = nil
            return nil
        }
        let address = client.configuration.address.description
        if try !walk.goesOn(after: answer, of: "GET /api/queues", at: address) { self.query = nil }
        return answer.items
    }
}
