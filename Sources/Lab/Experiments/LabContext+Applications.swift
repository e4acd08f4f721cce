import RabbitMQClient

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
