import BrokerMonitor
import Foundation
import Names
import RabbitMQManagement
import Synchronization
import TopCore

/// Asks the clusters of the configuration how they are, while they are shown.
///
/// Each has one connection and is asked every ten seconds. One that refuses the password is not asked again.
final class ClusterWatch: Sendable {
    private static let interval = Duration.seconds(10)
    private static let timeout = Duration.seconds(5)

    private let directory: ClusterDirectory
    private let inbox: Inbox
    private let requests: AsyncStream<Bool>
    private let continuation: AsyncStream<Bool>.Continuation
    private let refused = Mutex<[Name: ClusterSummary]>([:])

    init(_ directory: ClusterDirectory, inbox: Inbox) {
        self.directory = directory
        self.inbox = inbox
        (requests, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Asks from now on, or no longer. Never blocks.
    func set(_ isOn: Bool) { continuation.yield(isOn) }

    /// Asks whenever that is wanted, until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { tasks in
            var current: AsyncStream<Never>.Continuation?
            for await isOn in requests {
                current?.finish()
                current = nil
                guard isOn else { continue }
                let (end, ending) = AsyncStream<Never>.makeStream()
                current = ending
                tasks.addTask { await self.watchAll(until: end) }
            }
            current?.finish()
            tasks.cancelAll()
        }
    }

    private func watchAll(until end: AsyncStream<Never>) async {
        await withDiscardingTaskGroup { tasks in
            for name in directory.names { tasks.addTask { await self.watch(name) } }
            for await _ in end {}
            tasks.cancelAll()
        }
    }

    private func watch(_ name: Name) async {
        if let summary = refused.withLock({ $0[name] }) { return inbox.post(summary) }
        var summary = ClusterSummary(name: name)
        var poll: ClusterPoll
        do {
            let (settings, password) = try directory.settings(of: name)
            var configuration = ManagementConfiguration(settings, password: password)
            configuration.timeout = min(configuration.timeout, Self.timeout)
            poll = try ClusterPoll(configuration)
        } catch {
            summary.problem = (error as? ManagementError)?.whatHappened ?? "\(error)"
            return inbox.post(summary)
        }
        while !Task.isCancelled {
            do throws(ManagementError) {
                inbox.post(ClusterSummary(name: name, try await poll.part()))
            } catch {
                if case .cancelled = error.code { break }
                summary.problem = error.whatHappened
                inbox.post(summary)
                if error.code == .badCredentials || error.code == .noCredentials {
                    refused.withLock { $0[name] = summary }
                    break
                }
            }
            try? await Task.sleep(for: Self.interval)
        }
        await poll.shutdown()
    }
}
