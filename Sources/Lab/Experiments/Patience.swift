import LocalBroker
import RabbitMQClient

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
