import Names
import RabbitMQClient
import RabbitMQManagement
import TopCore

/// One operation in progress.
struct OperationRun: Sendable {
    let context: OperationContext
    /// Reports the progress, as text and as a fraction of the whole.
    let progress: @Sendable (_ text: String, _ fraction: Double?) -> Void

    /// The shortest time between two progress reports, in seconds.
    static let progressInterval = 0.25

    func carryOut(_ operation: TopCore.Operation) async -> OperationReport {
        if context.configuration.isReadOnly, !Self.isHarmless(operation) {
            return .failed(
                "refused: rabbittop is read-only", advice: "Start it without --read-only.", kind: .notPermitted)
        }
        switch operation {
        case .publish(let request): return await publish(request)
        case .consume(let request): return await consume(request)
        case .closeChannel(let id, let method): return await closeChannel(id, method)
        case .closeClientChannel(let id, let method): return await closeClientChannel(id, method)
        case .closeConnection(let name, let reason):
            return await manage("closed connection \(name)") { management throws(ManagementError) in
                try await management.closeConnection(name, reason: reason)
            }
        case .deleteQueue(let id) where !id.isAddressable:
            return await overAMQP(id, "delete", "deleted queue \(id.name)") { channel throws(ClientError) in
                _ = try await channel.deleteQueue(id.name)
            }
        case .deleteExchange(let id) where !id.isAddressable:
            return await overAMQP(id, "delete", "deleted exchange \(id.name)") { channel throws(ClientError) in
                try await channel.deleteExchange(id.name)
            }
        case .purge(let id):
            let report = await purge(id)
            // A purged quorum queue reports its old depth for some seconds.
            await context.askAnew(id)
            return report
        case .deleteQueue(let id):
            return await manage("deleted queue \(id.name)") { management throws(ManagementError) in
                try await management.deleteQueue(vhost: id.vhost, name: id.name)
            }
        case .deleteExchange(let id):
            return await manage("deleted exchange \(id.name)") { management throws(ManagementError) in
                try await management.deleteExchange(vhost: id.vhost, name: id.name)
            }
        case .messages(let operation): return await messages(operation)
        case .batch(let batch): return await carryOutEach(batch)
        case .change(let change): return await carryOut(change)
        case .injectFault(let fault): return await inject(fault)
        case .undoFault(let id): return await undo(id)
        case .undoFaults: return await undoFaults()
        case .runLab(let order):
            guard let experiments = context.experiments else { return Self.noExperiments }
            return await experiments.run(order, progress: progress)
        case .write(let request): return await write(request)
        case .saveScreen(let request): return await save(request)
        }
    }

    /// Whether an operation changes nothing; for a look at messages this depends on the queue's type.
    private static func isHarmless(_ operation: TopCore.Operation) -> Bool {
        if case .messages(.browse) = operation { true } else { operation.leavesTheBroker }
    }

    private func purge(_ id: EntityID) async -> OperationReport {
        let done = "purged \(id.name)"
        guard id.isAddressable else {
            return await overAMQP(id, "purge", done) { channel throws(ClientError) in
                _ = try await channel.purgeQueue(id.name)
            }
        }
        return await manage(done) { management throws(ManagementError) in
            try await management.purge(vhost: id.vhost, queue: id.name)
        }
    }

    private func manage(
        _ done: String, _ body: (ManagementClient) async throws(ManagementError) -> Void
    ) async -> OperationReport {
        do throws(ManagementError) {
            try await body(context.management)
            return .finished(done)
        } catch {
            return Self.failed(error)
        }
    }

    static func failed(_ error: ManagementError) -> OperationReport {
        if case .cancelled = error.code { return .cancelled("stopped before the broker answered") }
        let reply = error.brokerReply.map { ": \($0)" } ?? ""
        let kind: FailureKind =
            switch error.code {
            case .unreachable, .timedOut, .tlsFailed, .otherHost, .unavailable: .unreachable
            case .noCredentials, .badCredentials, .notPermitted, .readOnly: .notPermitted
            default: .other
            }
        return .failed(error.whatHappened + reply, advice: error.whatToDo, kind: kind)
    }

    static func failed(_ error: ClientError, _ before: String = "") -> OperationReport {
        let reason = error.code.isBeforeOpen ? nil : error.closeReason
        var what = reason.map { $0.code == 0 ? $0.text : "\($0.code) \(words($0))" } ?? error.message
        if !before.isEmpty, what.utf8.last == UInt8(ascii: ".") { what.removeLast() }
        let kind: FailureKind =
            switch error.code {
            case .mechanismNotOffered: .other
            case let code where code.isBeforeOpen: .unreachable
            case .accessRefused, .virtualHostRefused: .notPermitted
            default: error.closeReason?.code == 403 ? .notPermitted : .other
            }
        return .failed(before.isEmpty ? what : "\(what) · \(before)", advice: error.advice, kind: kind)
    }

    /// Returns a close reason's text with its name in front once.
    static func words(_ reason: CloseReason) -> String {
        reason.text.hasBytePrefix(reason.name) ? reason.text : "\(reason.name): \(reason.text)"
    }

    /// Returns a number with thousands separators: `12,300`.
    static func grouped(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var result = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return number < 0 ? "-" + result : result
    }
}
