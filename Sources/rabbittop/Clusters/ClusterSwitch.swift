import BrokerMonitor
import Names
import Synchronization
import TopCore

/// Prepares the switch of a dashboard to another cluster.
final class ClusterSwitch: Sendable {
    private let directory: ClusterDirectory
    private let inbox: Inbox
    private let requests: AsyncStream<Name>
    private let continuation: AsyncStream<Name>.Continuation
    private let found = Mutex<ClusterDirectory.Target?>(nil)

    init(_ directory: ClusterDirectory, inbox: Inbox) {
        self.directory = directory
        self.inbox = inbox
        (requests, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Finds out whether a cluster can be shown; the answer arrives in the inbox. Never blocks.
    func prepare(_ name: Name) { continuation.yield(name) }

    /// Returns the cluster that was found last, if it is this one.
    func target(_ name: Name) -> ClusterDirectory.Target? { found.withLock { $0?.name == name ? $0 : nil } }

    /// Answers requests until the task is cancelled.
    func run() async {
        for await name in requests {
            switch await directory.target(name) {
            case .success(let target):
                found.withLock { $0 = target }
                inbox.post(ClusterChange.ready(name))
            case .failure(let error): inbox.post(ClusterChange.refused(name, why: error.description))
            }
        }
    }
}
