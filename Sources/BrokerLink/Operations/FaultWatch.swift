import Faults
import TopCore

/// Tells the inbox how the faults stand, whoever injected them.
struct FaultWatch: Sendable {
    let registry: FaultRegistry
    let inbox: Inbox

    /// How often a fault struck is looked up so often, while one is in force.
    private static let pause = Duration.seconds(1)

    /// Runs until the bench closes or the task is cancelled.
    func run() async {
        let changes = registry.changes
        await tell()
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { for await _ in changes { await tell() } }
            tasks.addTask {
                while (try? await Task.sleep(for: Self.pause)) != nil {
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
