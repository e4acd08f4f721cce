import Names
import RabbitMQClient
import Synchronization

/// rabbittop's own connections: what they do is no news, and they stand in the Client view like the others.
final class OwnConnections: Sendable {
    /// Those that watch the broker. What closes on them is their daily work, so nothing closed is kept.
    let watching = ClientRegistry(keptClosed: 0, keptSeconds: 0)
    /// What they do, as far as the broker counts it.
    let traffic = OwnTraffic()

    enum Purpose: Sendable {
        /// Watching the broker: never news.
        case watching
        /// An operation that someone asked for: its errors are news, its coming and going is not.
        case operating
    }

    private struct Names {
        var purposes: [Name: Purpose] = [:]
        var order: [Name] = []
        /// What those that watch call themselves: one that is refused has no other name.
        var given: Set<Name> = []
        /// The queues of those that watch: one for each exchange that is listened to.
        var queues: [Name] = []
    }

    private static let capacity = 2_000
    private let names = Mutex(Names())

    func add(_ name: String, _ purpose: Purpose) {
        let name = Name(name)
        names.withLock { names in
            if names.purposes.updateValue(purpose, forKey: name) == nil { names.order.append(name) }
            // Their last words may come late, so they are remembered long after they closed.
            if names.order.count > Self.capacity { names.purposes[names.order.removeFirst()] = nil }
        }
    }

    /// A connection of this name is about to be made.
    func expect(_ givenName: String?, _ purpose: Purpose) {
        guard let givenName, purpose == .watching else { return }
        names.withLock { names in
            if names.given.count < 100 { names.given.insert(Name(givenName)) }
        }
    }

    /// A queue of the default vhost that is there only to listen.
    func add(queue name: Name) {
        names.withLock { names in
            names.queues.append(name)
            if names.queues.count > 20 { names.queues.removeFirst() }
        }
    }

    /// The names of the queues in the default vhost that are there only to listen, or were of late.
    var queues: [Name] { names.withLock { $0.queues } }

    /// Whether one that watches the broker calls itself so.
    func watches(as givenName: String) -> Bool {
        names.withLock { $0.given.contains(Name(givenName)) }
    }

    /// All connections of this process: those that watch the broker, and those of `registry`.
    func report(with registry: ClientRegistry) -> ClientReport {
        var report = registry.report()
        for var connection in watching.report().connections where connection.closedAt == nil {
            connection.channels.removeAll { $0.closedAt != nil }
            report.connections.append(connection)
        }
        return report
    }

    /// The names of those that are open or were of late.
    var known: Set<Name> { names.withLock { Set($0.purposes.keys) } }

    func purpose(_ name: String) -> Purpose? {
        names.withLock { $0.purposes[Name(name)] }
    }

    /// Whether a connection is there only to watch the broker.
    func isWatching(_ name: String) -> Bool { purpose(name) == .watching }
}
