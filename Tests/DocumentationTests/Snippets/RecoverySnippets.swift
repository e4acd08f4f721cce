import RabbitMQClient

enum RecoverySnippets {
    static func policy(uri: String) async throws {
        // snippet: policy
        var configuration = try ConnectionConfiguration(uri: uri)
        configuration.recovery = RecoveryPolicy(
            base: .milliseconds(500), cap: .seconds(30), attempts: nil, retriesFirstConnect: true)
        let connection = try await Connection.connect(configuration)
        // end snippet
        await connection.close()
    }

    static func states(connection: Connection) async {
        // snippet: states
        for await state in connection.states {
            switch state {
            case .connecting: print("connecting")
            case .open: print("open")
            case .blocked(let reason): print("the broker takes no publishes: \(reason)")
            case .recovering(let attempt, let delay, let error):
                print("lost: \(error.message) Attempt \(attempt) in \(delay).")
            case .closed(let reason): print("closed: \(reason)")
            }
        }
        // end snippet
    }

    static func filter() -> ConnectionConfiguration {
        // snippet: filter
        var configuration = ConnectionConfiguration()
        configuration.recovery.topologyFilter = { entity in
            if case .queue(let name) = entity { return !name.hasPrefix("temporary.") }
            return true
        }
        // end snippet
        return configuration
    }

    static func report(connection: Connection) {
        // snippet: report
        if let recovery = connection.lastRecovery {
            print("away for \(recovery.seconds) s, back at \(recovery.endpoint) after \(recovery.attempts) attempts")
            for failure in recovery.failures {
                print("not restored: \(failure.entity): \(failure.code) \(failure.message)")
            }
        }
        // end snippet
    }
}
