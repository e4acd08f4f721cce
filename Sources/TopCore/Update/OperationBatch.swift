/// Operations on several rows that run one after the other.
public struct OperationBatch: Sendable, Equatable {
    /// One operation, and the rows that it is for.
    public struct Item: Sendable, Equatable {
        /// What is done.
        public var operation: Operation
        /// The tagged rows that it is done for.
        public var rows: [RowID]

        /// Creates an item.
        public init(_ operation: Operation, for rows: [RowID]) {
            self.operation = operation
            self.rows = rows
        }
    }

    /// What is done to what, in words: `purge of 12 queues`.
    public var title: String
    /// The view whose rows were tagged.
    public var view: ViewID
    /// The operations, in the order in which they are carried out.
    public var items: [Item]

    /// Creates a batch.
    public init(title: String, view: ViewID, items: [Item]) {
        self.title = title
        self.view = view
        self.items = items
    }
}

/// How far the operations of a batch came.
public struct BatchResult: Sendable, Equatable {
    /// An operation that failed.
    public struct Failure: Sendable, Equatable {
        /// The index of the operation.
        public var index: Int
        /// Why it failed.
        public var why: String

        /// Creates a failure.
        public init(index: Int, why: String) {
            self.index = index
            self.why = why
        }
    }

    /// The number of operations that ended, successfully or not.
    public var ended = 0
    /// The operations that failed, in their order.
    public var failures: [Failure] = []
    /// Whether it was stopped before all operations had ended.
    public var isStopped = false

    /// Creates the result of a batch that begins.
    public init() {}

    /// The number of operations that succeeded.
    public var done: Int { max(0, ended - failures.count) }

    /// The result in words: `10 done, 2 failed`.
    public var counts: String { failures.isEmpty ? "\(done) done" : "\(done) done, \(failures.count) failed" }
}

extension OperationBatch {
    /// How many failures are told with their reasons.
    private static let toldFailures = 3

    /// Returns the result in words, with why the first ones failed and how many were not begun.
    func words(_ result: BatchResult) -> String {
        var text = result.isStopped ? "stopped: \(result.counts)" : result.counts
        let rest = items.count - result.ended
        if rest > 0 { text += ", \(rest) not begun or not known" }
        let told = result.failures.prefix(Self.toldFailures).map { failure in
            let title = items.indices.contains(failure.index) ? items[failure.index].operation.title : "?"
            return "\(title): \(failure.why)"
        }
        guard !told.isEmpty else { return text }
        let more = result.failures.count > told.count ? " …" : ""
        return "\(text) — \(told.joined(separator: "; "))\(more)"
    }

    /// The operations that succeeded.
    func succeeded(_ result: BatchResult) -> [Item] {
        let failed = Set(result.failures.map(\.index))
        return items.indices.prefix(max(0, result.ended)).filter { !failed.contains($0) }.map { items[$0] }
    }
}
