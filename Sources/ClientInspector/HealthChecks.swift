import Synchronization

/// Runs the application's checks for `/health` concurrently, each with a deadline.
///
/// A check that does not finish is reported as such and not started again before it has ended: at most one task of each
/// check runs, however many requests arrive.
final class HealthChecks: Sendable {
    private struct Run {
        var task: Task<String?, Never>
        var started: ContinuousClock.Instant
    }

    private let checks: [String: ClientInspector.Check]
    private let limit: Duration
    private let runs = Mutex<[String: Run]>([:])

    init(_ checks: [String: ClientInspector.Check], limit: Duration) {
        self.checks = checks
        self.limit = limit
    }

    /// Returns the result of each check; nil if it is in order.
    func results() async -> [String: String?] {
        guard !checks.isEmpty else { return [:] }
        return await withTaskGroup(of: (name: String, trouble: String?).self) { group in
            for (name, check) in checks {
                group.addTask { (name, await self.result(name, check)) }
            }
            var results: [String: String?] = [:]
            for await (name, trouble) in group { results.updateValue(trouble, forKey: name) }
            return results
        }
    }

    /// Cancels running checks. A check that ignores its cancellation is abandoned.
    func cancel() {
        let left = runs.withLock { runs in
            defer { runs = [:] }
            return runs.values
        }
        for run in left { run.task.cancel() }
    }

    private func result(_ name: String, _ check: @escaping ClientInspector.Check) async -> String? {
        let run = runs.withLock { runs in
            if let run = runs[name] { return run }
            // Callers share it, and a late one goes on after them; `runs` owns it.
            let task = Task {
                let trouble = await check()
                self.runs.withLock { $0[name] = nil }
                return trouble
            }
            let run = Run(task: task, started: .now)
            runs[name] = run
            return run
        }
        // A check that was already late is not waited for again.
        if run.started + limit <= .now { return "no answer in \(limit)" }
        let answer = AnswerBox()
        // Neither the end of the task nor the deadline may wait for the other.
        return await withCheckedContinuation { continuation in
            answer.continuation.withLock { $0 = continuation }
            let late = Task {
                do { try await Task.sleep(until: run.started + limit) } catch { return }
                answer.give("no answer in \(limit)")
            }
            Task {
                let trouble = await run.task.value
                late.cancel()
                answer.give(trouble)
            }
        }
    }
}

/// Resumes a continuation with the first result.
private final class AnswerBox: Sendable {
    let continuation = Mutex<CheckedContinuation<String?, Never>?>(nil)

    func give(_ answer: String?) {
        let continuation = continuation.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume(returning: answer)
    }
}
