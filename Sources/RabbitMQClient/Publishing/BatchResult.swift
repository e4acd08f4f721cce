/// The outcome of each message of a batch.
public struct BatchResult: Sendable {
    /// One result for each message, in order: success if the broker confirmed it, otherwise an error as thrown by
    /// `Confirmation.wait`.
    public let results: [Result<Void, ClientError>]

    init(_ results: [Result<Void, ClientError>]) {
        self.results = results
    }

    /// Whether the broker confirmed all messages.
    public var isConfirmed: Bool { failures.isEmpty }

    /// The messages that failed, with their positions in the batch.
    public var failures: [Failure] {
        results.enumerated().compactMap { index, result in
            if case .failure(let error) = result { Failure(index: index, error: error) } else { nil }
        }
    }

    /// Throws the error of the first failed message, if there is one.
    public func get() throws(ClientError) {
        for result in results { try result.get() }
    }

    /// A message that was not confirmed.
    public struct Failure: Sendable, Hashable {
        /// The message's position in the batch, from 0.
        public var index: Int
        /// Why the message was not confirmed.
        public var error: ClientError
    }
}
