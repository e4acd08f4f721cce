import TopCore

extension OperationRun {
    /// Carries out operations one after the other. A failed one does not stop those after it; a cancelled task does.
    func carryOutEach(_ batch: OperationBatch) async -> OperationReport {
        var result = BatchResult()
        var lastReport = -Double.infinity
        let single = OperationRun(context: context) { _, _ in }
        for (index, item) in batch.items.enumerated() {
            if Task.isCancelled { break }
            let now = context.clock.uptime()
            if now >= lastReport + Self.progressInterval {
                lastReport = now
                progress(
                    "\(result.counts) of \(batch.items.count)", Double(index) / Double(max(1, batch.items.count)))
            }
            switch await single.carryOut(item.operation) {
            case .finished: result.ended += 1
            case .failed(let text, let advice, _), .faultFailed(let text, let advice, _):
                result.fail(index, advice.map { "\(text) — \($0)" } ?? text)
            case .offersConnection(_, let why): result.fail(index, why)
            case .cancelled:
                // Whether the broker carried it out is not known.
                result.isStopped = true
                return .batchEnded(result)
            case .progress, .messages, .batchEnded: result.fail(index, "no result")
            }
        }
        result.isStopped = result.ended < batch.items.count
        return .batchEnded(result)
    }
}

extension BatchResult {
    fileprivate mutating func fail(_ index: Int, _ why: String) {
        ended += 1
        failures.append(Failure(index: index, why: why))
    }
}
