import BrokerMonitor
import Faults
import TopCore

/// Posts the state of all faults to the inbox.
struct FaultWatch: Sendable {
    let registry: FaultRegistry
    let inbox: Inbox
    let clock: MonitorClock

    /// The interval at which the hits of the faults in force are read, in seconds.
    private static let pause = 1.0

    /// Runs until the registry closes or the task is cancelled.
    func run() async {
        let changes = registry.changes
        await tell()
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { for await _ in changes { await tell() } }
            tasks.addTask {
                while (try? await clock.sleep(Self.pause)) != nil {
                    if await !registry.inForce.isEmpty { await tell() }
                }
            }
            await tasks.next()
            tasks.cancelAll()
        }
    }

    private func tell() async {
        inbox.post(.faults(await registry.records))
    }
}
