import Experiments
import Foundation
import RabbitMQClient

/// Consumes a queue, stores each message by its id, and acknowledges it after that: nothing is lost, and what is
/// delivered twice is stored once.
struct StoringConsumer: Sendable {
    let recorder: RunRecorder
    /// The application's name for recorded errors.
    let application: String
    let connection: Connection
    let queue: String
    let prefetch: UInt16
    /// The processing time of a message before it is stored.
    var work = Duration.zero
    let store: OrderStore
    /// Called for each message that was stored, or was known, and acknowledged.
    let settled: @Sendable (Name, OrderStore.Outcome) -> Void

    private static let pause = Duration.milliseconds(200)

    /// Consumes until the task is cancelled or the connection is closed permanently.
    ///
    /// - Throws: if the database fails permanently.
    func run() async throws(LabError) {
        while !Task.isCancelled, connection.closeReason == nil {
            if let failure = await consume() { throw LabError(failure) }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Consumes until the consumer ends, by itself or because of the database.
    private func consume() async -> OrderStoreError? {
        do throws(ClientError) {
            let channel = try await connection.openChannel()
            let consumer = try await channel.consume(queue, prefetch: prefetch)
            for try await delivery in consumer {
                if let failure = await take(delivery) { return failure }
            }
        } catch {
            if !Task.isCancelled { recorder.error(error, application: application) }
        }
        return nil
    }

    private func take(_ delivery: Delivery) async -> OrderStoreError? {
        let id = delivery.properties.messageID ?? "without id"
        if work > .zero { try? await Task.sleep(for: work) }
        if Task.isCancelled { return nil }
        let outcome: OrderStore.Outcome
        do throws(OrderStoreError) {
            outcome = try await store.store(id, body: Array(delivery.body.readableBytesView))
        } catch {
            return Task.isCancelled || error.code == .cancelled ? nil : error
        }
        recorder.consumed(id)
        do throws(ClientError) {
            // An acknowledgement for a lost connection has no effect, and the broker delivers the message again.
            try delivery.ack()
        } catch {
            if error.code != .staleDelivery { recorder.error(error, application: application) }
        }
        settled(id, outcome)
        return nil
    }
}

extension ExperimentDescription.Setting {
    /// The setting for the folder of an experiment's database.
    static let databaseFolder = ExperimentDescription.Setting(
        "database-folder", .text(""),
        "Folder of the SQLite database, which is removed at the end; empty: the run's own temporary folder")
}

extension LabContext {
    /// Runs the body with a new database, which is deleted afterwards. For experiments with the setting
    /// `databaseFolder`.
    ///
    /// - Throws: `failed` if the database cannot be created; and what the body throws.
    func withStore<Value: Sendable>(
        policy: RecoveryPolicy, onEvent: @escaping @Sendable (OrderStore.Event) -> Void = { _ in },
        _ body: (OrderStore) async throws(LabError) -> Value
    ) async throws(LabError) -> Value {
        let chosen = settings.text("database-folder")
        let parent = chosen.isEmpty ? folder : URL(fileURLWithPath: chosen, isDirectory: true)
        let file = parent.appending(path: "rabbittop-\(unique("orders")).sqlite").path
        defer { Self.remove(file) }
        let store: OrderStore
        do throws(OrderStoreError) {
            store = try await OrderStore.open(file, policy: policy, onEvent: onEvent)
        } catch {
            throw LabError(error)
        }
        do throws(LabError) {
            let value = try await body(store)
            await store.close()
            return value
        } catch {
            await store.close()
            throw error
        }
    }

    private static func remove(_ file: String) {
        for path in [file, file + "-journal", file + StoreFault.suffix] {
            try? FileManager.default.removeItem(atPath: path)
        }
    }
}

extension LabError {
    init(_ error: OrderStoreError) {
        self.init(error.code == .cancelled ? .cancelled : .failed, error.message, advice: error.advice)
    }
}

extension RunRecorder {
    /// Records an error of the database.
    func error(_ error: OrderStoreError, application: String) {
        self.error(.database, code: nil, text: "the database \(error.words)", application: application)
    }
}
