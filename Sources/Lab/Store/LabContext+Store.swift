import Foundation
import RabbitMQClient

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
