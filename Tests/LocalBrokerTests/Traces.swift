import Foundation
import LocalBroker

/// What a node has left on this machine: processes that mention its folder, and the folder.
struct Traces {
    struct Process: Equatable {
        var id: Int32
        var name: String
    }

    var directory: String

    init(of node: BrokerNode) {
        directory = node.directory.path
    }

    init(directory: String) {
        self.directory = directory
    }

    /// Living processes whose environment or command line mentions the folder; zombies have neither.
    func processes() -> [Process] {
        let ids = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let needle = Data(directory.utf8)
        return ids.compactMap { Int32($0) }.compactMap { id in
            let mentions = ["environ", "cmdline"].contains { file in
                FileManager.default.contents(atPath: "/proc/\(id)/\(file)")?.range(of: needle) != nil
            }
            guard mentions else { return nil }
            let name = (try? String(contentsOfFile: "/proc/\(id)/comm", encoding: .utf8)) ?? ""
            return Process(id: id, name: name.trimmingCharacters(in: .newlines))
        }
    }

    func all() -> [String] {
        processes().map { "\($0.name) \($0.id)" }
            + (FileManager.default.fileExists(atPath: directory) ? [directory] : [])
    }

    /// What is still there when nothing is or the time has passed.
    func remaining(after time: Duration) async throws -> [String] {
        let end = ContinuousClock.now + time
        while true {
            let all = all()
            if all.isEmpty || ContinuousClock.now >= end { return all }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
