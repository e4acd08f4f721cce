import Names
import RabbitMQClient
import Synchronization

/// rabbittop's own connections. Their activity is not reported as events; the Client view lists them like all others.
package final class OwnConnections: Sendable {
    /// The connections that watch the broker. Their channels close all the time, so nothing closed is kept.
    package let watching = ClientRegistry(keptClosed: 0, keptSeconds: 0)
    /// Their traffic, as far as the broker counts it.
    let traffic: OwnTraffic

    package enum Purpose: Sendable {
        /// Watches the broker; never reported.
        case watching
        /// Serves an operation that a user started: its errors are reported, that it opens and closes is not.
        case operating
    }

    private struct Names {
        var purposes: [Name: Purpose] = [:]
        var order: [Name] = []
        /// The client-provided names of the watching connections; one that is refused has no other name.
        var given: Set<Name> = []
        /// The queues of the watching connections, one for each exchange that is listened to.
        var queues: [Name] = []
    }

    private static let capacity = 2_000
    private let names = Mutex(Names())

    init(clock: MonitorClock = .system) {
        traffic = OwnTraffic(clock: clock.uptime)
    }

    func add(_ name: String, _ purpose: Purpose) {
        let name = Name(name)
        names.withLock { names in
            if names.purposes.updateValue(purpose, forKey: name) == nil { names.order.append(name) }
            // Late reports of them may arrive, so they are remembered long after they closed.
            if names.order.count > Self.capacity { names.purposes[names.order.removeFirst()] = nil }
        }
    }

    /// Records that a connection with this name is about to be opened.
    func expect(_ givenName: String?, _ purpose: Purpose) {
        guard let givenName, purpose == .watching else { return }
        names.withLock { names in
            if names.given.count < 100 { names.given.insert(Name(givenName)) }
        }
    }

    /// Adds a queue of the default vhost that exists only to listen.
    func add(queue name: Name) {
        names.withLock { names in
            names.queues.append(name)
            if names.queues.count > 20 { names.queues.removeFirst() }
        }
    }

    /// The queues in the default vhost that exist only to listen, or did so recently.
    var queues: [Name] { names.withLock { $0.queues } }

    /// Whether a watching connection uses this client-provided name.
    func watches(as givenName: String) -> Bool {
        names.withLock { $0.given.contains(Name(givenName)) }
    }

    /// Returns a report of all connections of this process: the watching ones, and those of `registry`.
    package func report(with registry: ClientRegistry) -> ClientReport {
        var report = registry.report()
        for var connection in watching.report().connections where connection.closedAt == nil {
            connection.channels.removeAll { $0.closedAt != nil }
            report.connections.append(connection)
        }
        return report
    }

    /// The names of the connections that are open or were open recently.
    var known: Set<Name> { names.withLock { Set($0.purposes.keys) } }

    func purpose(_ name: String) -> Purpose? {
        names.withLock { $0.purposes[Name(name)] }
    }

    /// Whether a connection exists only to watch the broker.
    func isWatching(_ name: String) -> Bool { purpose(name) == .watching }
}
