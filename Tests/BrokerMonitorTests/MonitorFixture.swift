import ClockSupport
import Foundation
import Logging
import NIOPosix
import RabbitMQManagement
import Testing
import TopCore

@testable import BrokerMonitor

extension ManualClock {
    var clock: MonitorClock {
        MonitorClock(
            uptime: { self.now }, date: { Date(timeIntervalSince1970: self.now) }, sleep: { try await self.sleep($0) })
    }
}

extension AMQPEntrance {
    /// Opens connections of a test.
    static func fixture(assumed: AssumedAddress = AssumedAddress()) -> AMQPEntrance {
        AMQPEntrance(
            group: MultiThreadedEventLoopGroup.singleton, own: OwnConnections(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, gate: CredentialsGate(), assumed: assumed)
    }
}

/// Waits, in real time, until something that does not depend on the clock of a test has happened.
func eventually(_ holds: () async -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(15)
    while ContinuousClock.now < deadline {
        if await holds() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return false
}

/// Runs a service while the body runs, and awaits its end.
func serving<Value>(
    _ service: @escaping @Sendable () async -> Void, _ body: () async throws -> Value
) async throws -> Value {
    let task = Task { await service() }
    do {
        let value = try await body()
        task.cancel()
        await task.value
        return value
    } catch {
        task.cancel()
        await task.value
        throw error
    }
}
