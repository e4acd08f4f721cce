import RabbitMQManagement

/// Walks through the pages of a list, and comes to an end whatever the API answers.
///
/// The list may grow and shrink meanwhile; it is not followed for longer than twice its first length.
struct PageWalk: Sendable {
    /// Pages more than there were at first that are still asked for.
    static let slack = 10

    private(set) var page = 1
    private var limit: Int?
    let leastLimit: Int

    /// - Parameter limit: the most pages that are asked for, whatever the API says.
    init(limit: Int = 100_000) {
        leastLimit = limit
    }

    /// Takes the answer to `page`.
    ///
    /// - Returns: whether `page`, now the next one, is to be asked for.
    /// - Throws: when it is another page than the one that was asked for.
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
