import LocalBroker
import RabbitMQClient
import Synchronization

extension LabContext {
    /// Runs the body with a connection, and closes it in any case.
    ///
    /// - Throws: why it could not be opened; and what the body throws.
    func withConnection<Value: Sendable>(
        _ application: String, _ change: (inout ConnectionConfiguration) -> Void = { _ in },
        _ body: (Connection) async throws(LabError) -> Value
    ) async throws(LabError) -> Value {
        var configuration = broker.configuration(name: "rabbittop lab: \(application)")
        change(&configuration)
        let connection: Connection
        do throws(ClientError) {
            connection = try await Connection.connect(configuration, on: group, registry: registry)
        } catch {
            throw LabError(error)
        }
        do throws(LabError) {
            let value = try await body(connection)
            await connection.close(timeout: .seconds(1))
            return value
        } catch {
            await connection.close(timeout: .seconds(1))
            throw error
        }
    }

    /// Declares a durable queue, and starts recording its depth.
    func declareQueue(_ name: String, on connection: Connection) async throws(LabError) {
        recorder.watch(queue: name)
        do throws(ClientError) {
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue(name, durable: true)
            try await channel.close()
        } catch {
            throw LabError(error)
        }
    }

    /// Waits until everything that was confirmed is consumed, as long as messages are consumed: no longer than
    /// `patience` after the last one.
    func untilConsumed(patience: Duration) async {
        var consumed = recorder.counts.consumed
        var end = ContinuousClock.now + patience
        while ContinuousClock.now < end {
            let counts = recorder.counts
            if counts.distinct >= counts.confirmed, recorder.ledger.counts.lost == 0 { return }
            if counts.consumed > consumed {
                consumed = counts.consumed
                end = .now + patience
            }
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return }
        }
    }
}

extension LabLedger {
    /// Returns a figure that the experiment wrote into the details; 0 if there is none.
    func figure(_ key: String) -> Int {
        if case .integer(let value) = details[key] { value } else { 0 }
    }

    func flag(_ key: String) -> Bool { details[key] == .flag(true) }
}

/// Waits and error conversion of the experiments.
enum Patience {
    /// Waits until the condition holds; returns false if it does not in time.
    static func until(
        _ deadline: ContinuousClock.Instant, every pause: Duration = .milliseconds(20),
        _ condition: () async throws -> Bool
    ) async throws -> Bool {
        while try await !condition() {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: pause)
        }
        return true
    }
}

extension LabError {
    /// Runs a body, and converts its errors to errors that end the experiment.
    static func translated<Value>(_ body: () async throws -> Value) async throws(LabError) -> Value {
        do {
            return try await body()
        } catch let error as LabError {
            throw error
        } catch let error as ClientError {
            throw LabError(error)
        } catch let error as BrokerNodeError {
            throw LabError(error)
        } catch is CancellationError {
            throw LabError(.cancelled, "It was cancelled.")
        } catch {
            throw LabError(.failed, "\(error)")
        }
    }
}

/// Runs work together with a companion that lasts as long as the work does.
enum Alongside {
    private struct End: Sendable {
        var isWork: Bool
        var error: LabError?
    }

    /// Runs the work. The companion is cancelled when the work is done; if the companion throws before that, the work
    /// is cancelled, and the error is thrown. Returns when both have ended.
    static func run(
        _ other: @escaping @Sendable () async throws(LabError) -> Void,
        work: @escaping @Sendable () async throws(LabError) -> Void
    ) async throws(LabError) {
        let failure = await withTaskGroup(of: End.self) { group -> LabError? in
            group.addTask { End(isWork: false, error: await error(of: other)) }
            group.addTask { End(isWork: true, error: await error(of: work)) }
            var failure: LabError?
            var isOver = false
            for await end in group where !isOver {
                failure = end.error
                guard end.isWork || end.error != nil else { continue }
                isOver = true
                group.cancelAll()
            }
            return failure
        }
        if let failure { throw failure }
    }

    private static func error(of body: () async throws(LabError) -> Void) async -> LabError? {
        do throws(LabError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }
}

/// A counter that several tasks may increment.
final class Count: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    /// Increments the counter.
    ///
    /// - Returns: the new number.
    @discardableResult
    func add() -> Int { count.add(1, ordering: .relaxed).newValue }
}
