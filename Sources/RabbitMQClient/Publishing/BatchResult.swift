/// What became of each message of a batch.
public struct BatchResult: Sendable {
    /// One for each message, in their order: success once the broker has taken responsibility, else as
    /// `Confirmation.wait` throws.
    public let results: [Result<Void, ClientError>]

    init(_ results: [Result<Void, ClientError>]) {
        self.results = results
    }

    /// Whether the broker took all of them.
    public var isConfirmed: Bool { failures.isEmpty }

    /// Those that failed, by their place in the batch.
    public var failures: [Failure] {
        results.enumerated().compactMap { index, result in
            if case .failure(let error) = result { Failure(index: index, error: error) } else { nil }
        }
    }

    /// Throws the first failure, if there is one.
    public func get() throws(ClientError) {
        for result in results { try result.get() }
    }

    /// A message that was not confirmed.
    public struct Failure: Sendable, Hashable {
        /// Its place in the batch.
        public var index: Int
        public var error: ClientError
    }
}
