import Faults
import Foundation

extension State {
    /// Starts an operation under a new number.
    mutating func start(_ operation: Operation) -> [Action] {
        guard !options.readOnly || operation.leavesTheBroker else {
            tell("Read-only: \(operation.title) is refused", .warning)
            return []
        }
        if case .injectFault = operation, let why = options.faults.why {
            tell(why, .warning)
            return []
        }
        guard isPresent || operation.isPossibleInPast else {
            tell(whyNoAction, .warning)
            return []
        }
        let id = OperationID(nextOperation)
        nextOperation += 1
        activities.append(Activity(id: id, title: operation.title, startedAt: clock, operation: operation))
        return [.start(id, operation)]
    }

    mutating func cancel(_ id: OperationID) -> [Action] {
        guard let index = activities.firstIndex(where: { $0.id == id && $0.phase == .running }) else { return [] }
        activities[index].phase = .cancelling
        return [.cancel(id)]
    }

    mutating func take(_ report: OperationReport, of id: OperationID) -> [Action] {
        switch report {
        case .progress(let text, let fraction):
            guard let index = activities.firstIndex(where: { $0.id == id && $0.endedAt == nil }) else { break }
            activities[index].progress = text
            activities[index].fraction = fraction.flatMap { $0.isFinite ? min(max(0, $0), 1) : nil }
        case .finished(let text):
            if case .purge(let queue)? = activities.first(where: { $0.id == id })?.operation {
                queues.notePurge([queue], at: now, now: now)
            }
            if case .change(let change)? = activities.first(where: { $0.id == id })?.operation {
                created = change.created
            }
            end(id, .finished, text, .success)
        case .failed(let text, let advice, _):
            end(id, .failed, advice.map { "\(text) — \($0)" } ?? text, .failure)
            offerEditAgain(after: id, text)
        case .faultFailed(let text, let advice, _):
            end(id, .failed, advice.map { "\(text) — \($0)" } ?? text, .failure, isOnRecord: true)
        case .cancelled(let text):
            end(id, .finished, text.isEmpty ? "cancelled" : text, .info)
        case .batchEnded(let result): take(result, of: id)
        case .messages(let report): take(report, of: id)
        case .offersConnection(let channel, let why):
            end(id, .failed, why, .warning)
            overlays.offer(.confirmation(connectionConfirmation(channel.connection, because: why)))
        }
        return []
    }

    /// Says what the operations on tagged rows came to; rows that failed or were not reached stay tagged.
    private mutating func take(_ result: BatchResult, of id: OperationID) {
        guard let activity = activities.first(where: { $0.id == id && $0.endedAt == nil }),
            case .batch(let batch) = activity.operation
        else { return }
        let succeeded = batch.succeeded(result)
        let purged = succeeded.compactMap { if case .purge(let queue) = $0.operation { queue } else { nil } }
        if !purged.isEmpty { queues.notePurge(purged, at: now, now: now) }
        untag(succeeded.flatMap(\.rows), in: batch.view)
        let text = batch.words(result)
        if !result.failures.isEmpty {
            end(id, .failed, text, .failure)
        } else {
            end(id, .finished, text, result.isStopped ? .info : .success)
        }
    }

    /// Records the end of an operation in its progress line, a notice and the ledger. Only the first end counts.
    ///
    /// - Parameter isOnRecord: Whether the operation failed and a fault's record contains the failure.
    mutating func end(
        _ id: OperationID, _ phase: Activity.Phase, _ text: String, _ severity: Notice.Severity,
        isOnRecord: Bool = false
    ) {
        let index = activities.firstIndex { $0.id == id }
        let text = index.flatMap { activities[$0].operation?.remark(text) } ?? text
        if let index {
            guard activities[index].endedAt == nil else { return }
            activities[index].phase = phase
            activities[index].progress = text
            activities[index].endedAt = clock
            if phase == .finished, severity == .success { activities[index].fraction = nil }
        }
        let activity = index.map { activities[$0] }
        let line = activity?.outcome ?? text
        tell(line, severity)
        let operation = activity?.operation
        let scope: LedgerEntry.Scope =
            switch operation {
            case .closeChannel, .closeClientChannel: .channel
            case .closeConnection: .connection
            case .consume, .purge, .deleteQueue, .messages: .queue
            case .injectFault(let fault): fault.ledgerScope
            case .change(.declareQueue): .queue
            case .publish, .deleteExchange, .change, .batch, .undoFault, .undoFaults, .runLab, .write, .saveScreen, nil:
                .cluster
            }
        // What is done with a recording is no part of it.
        guard isPresent else { return }
        // A fault's record has its own ledger entries: when it is in force, when it is undone, and when either failed.
        // What happens on the screen alone is no event of the broker.
        if case .saveScreen = operation { return }
        if isOnRecord || phase == .finished && operation?.isOfFaults == true { return }
        var entry = LedgerEntry(
            at: now, kind: .action, scope: scope, connection: operation?.connection?.text,
            vhost: operation?.vhost?.text,
            channel: operation?.channel, queue: operation?.queue?.text,
            text: phase == .failed ? "failed: \(line)" : line,
            source: .rabbittop)
        if phase == .failed { entry.severity = .warning }
        take(entries: [entry], dropped: 0)
    }
}
