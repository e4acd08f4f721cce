extension FaultRegistry {
    /// Undoes one fault now. Concurrent calls undo it once.
    ///
    /// - Returns: The record of the undone fault.
    /// - Throws: `FaultError` when there is no such fault, it cannot be undone, or undoing failed. A failed undo is
    ///   retried, and recorded.
    @discardableResult
    public func undo(_ id: UInt64) async throws(FaultError) -> FaultRecord {
        guard let place = place(of: id) else {
            throw FaultError("There is no fault #\(id).", advice: "See which are in force.")
        }
        let record = Self.counted(entries[place])
        switch record.state {
        case .inForce, .undoing, .undoFailed:
            return try await startUndoing(id).value.get()
        case .undone:
            return record
        case .done:
            throw FaultError(
                "\(record.label) happened once and cannot be undone.", advice: "There is nothing left of it to end.")
        case .failed:
            throw FaultError("\(record.label) was never injected.", advice: "There is nothing to undo.")
        }
    }

    /// Undoes all faults in force, concurrently.
    ///
    /// - Returns: The faults that could not be undone; undoing them is retried.
    @discardableResult
    public func undoAll() async -> [FaultRecord] {
        let attempts = entries.filter(\.record.isInForce).map { startUndoing($0.record.id) }
        for attempt in attempts { _ = await attempt.value }
        return records.filter { $0.state == .undoFailed }
    }

    /// Rejects new faults and undoes all that are in force, retrying failed attempts until the deadline.
    ///
    /// - Parameter deadline: The deadline in seconds.
    /// - Returns: The faults that could not be undone and remain in force.
    @discardableResult
    public func close(within deadline: Double = 10) async -> [FaultRecord] {
        if phase == .open { phase = .closing }
        for entry in entries where entry.record.isInForce { startUndoing(entry.record.id) }
        let waiter = nextWaiter
        nextWaiter += 1
        // Cancelled below, when the wait is over.
        let limit = Task {
            guard (try? await clock.sleep(deadline)) != nil else { return }
            release(waiter)
        }
        await withCheckedContinuation { continuation in
            waiters[waiter] = continuation
            wakeWaiters()
        }
        limit.cancel()
        phase = .closed
        for place in entries.indices where entries[place].record.isInForce {
            entries[place].timer?.cancel()
            entries[place].attempt?.cancel()
            if entries[place].record.state == .undoing {
                entries[place].record.state = .undoFailed
                entries[place].record.note = "It was not undone within \(FaultValue.number(deadline)) s."
                audience.tell(Self.counted(entries[place]))
            }
        }
        audience.finish()
        return inForce
            + arriving.values.sorted { $0.id < $1.id }.map { record in
                var record = record
                record.state = .undoFailed
                record.note = "It was still being injected."
                return record
            }
    }

    // MARK: Attempts

    /// Returns the current attempt, or starts a new one.
    @discardableResult
    func startUndoing(_ id: UInt64) -> Task<Result<FaultRecord, FaultError>, Never> {
        guard let place = place(of: id), entries[place].record.isInForce else {
            // An attempt that has failed already.
            return Task { .failure(FaultError("Fault #\(id) is not in force.", advice: "See which are.")) }
        }
        if let attempt = entries[place].attempt { return attempt }
        entries[place].timer?.cancel()
        entries[place].timer = nil
        entries[place].record.state = .undoing
        audience.tell(Self.counted(entries[place]))
        let undo = entries[place].injection?.undo
        // The entry owns it: a caller that is cancelled does not end an attempt for which others wait.
        let attempt = Task { await self.attempt(id, undo) }
        entries[place].attempt = attempt
        return attempt
    }

    private func attempt(
        _ id: UInt64, _ undo: (@Sendable () async throws(FaultError) -> String)?
    ) async -> Result<FaultRecord, FaultError> {
        var outcome: Result<String, FaultError>
        do throws(FaultError) {
            outcome = .success(try await undo?() ?? "")
        } catch {
            outcome = .failure(error)
        }
        guard let place = place(of: id) else { return .failure(FaultError("Fault #\(id) is gone.", advice: "")) }
        entries[place].attempt = nil
        defer { wakeWaiters() }
        switch outcome {
        case .success(let note):
            entries[place].record = Self.counted(entries[place])
            entries[place].record.state = .undone
            entries[place].record.ended = clock.now()
            if !note.isEmpty { entries[place].record.note = note }
            entries[place].injection = nil
            entries[place].watch?.cancel()
            audience.tell(entries[place].record)
            return .success(entries[place].record)
        case .failure(var error):
            error.record = id
            entries[place].record.state = .undoFailed
            entries[place].record.note = error.description
            audience.tell(Self.counted(entries[place]))
            let pause = Self.pause(after: entries[place].failures)
            entries[place].failures += 1
            if phase != .closed { schedule(id, after: pause) }
            return .failure(error)
        }
    }

    /// Returns the seconds until the next attempt: 1, 2, 4, 8, 16, then 30.
    private static func pause(after failures: Int) -> Double {
        min(30, Double(1 << min(failures, 5)))
    }

    func schedule(_ id: UInt64, after seconds: Double) {
        guard let place = place(of: id) else { return }
        entries[place].timer?.cancel()
        // The entry owns it.
        entries[place].timer = Task {
            guard (try? await clock.sleep(seconds)) != nil, !Task.isCancelled, phase != .closed else { return }
            startUndoing(id)
        }
    }

    private func place(of id: UInt64) -> Int? { entries.lastIndex { $0.record.id == id } }

    // MARK: Waiting

    /// Resumes the tasks that wait until no fault is in force, if that is the case.
    func wakeWaiters() {
        guard arriving.isEmpty, !entries.contains(where: \.record.isInForce) else { return }
        for waiter in Array(waiters.keys) { release(waiter) }
    }

    private func release(_ waiter: Int) {
        waiters.removeValue(forKey: waiter)?.resume()
    }
}
