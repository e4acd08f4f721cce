import RabbitMQManagement

/// Walks through the pages of a list, and terminates whatever the API answers.
///
/// The list may grow and shrink during the walk; the walk ends at twice the list's first length.
struct PageWalk: Sendable {
    /// The number of pages beyond the first page count that are still requested.
    static let slack = 10

    private(set) var page = 1
    private var limit: Int?
    let leastLimit: Int

    /// - Parameter limit: the highest number of pages to request, whatever the API reports.
    init(limit: Int = 100_000) {
        leastLimit = limit
    }

    /// Records the answer to `page`.
    ///
    /// - Returns: whether `page`, now the next one, is to be requested.
    /// - Throws: if the answer is a different page than the one that was requested.
    mutating func goesOn<Row>(after answer: Page<Row>, of request: String, at address: String)
        throws(ManagementError) -> Bool
    {
        guard answer.page == page else {
            throw ManagementError(
                .unexpectedAnswer(reason: "page \(answer.page) of the list where page \(page) was asked for"),
                request: request, address: address)
        }
        let limit = self.limit ?? min(leastLimit, max(1, answer.pageCount).multiplied(by: 2).advanced(by: Self.slack))
        self.limit = limit
        guard page < answer.pageCount, !(answer.items.isEmpty && answer.undecodable == 0), page < limit else {
            return false
        }
        page += 1
        return true
    }
}

extension Int {
    fileprivate func multiplied(by factor: Int) -> Int {
        let product = multipliedReportingOverflow(by: factor)
        return product.overflow ? Int.max / 2 : Swift.min(product.partialValue, Int.max / 2)
    }
}
