import RabbitMQClient
import Synchronization

/// rabbittop's own connections: what they do is no news, and they stand in the Client view like the others.
final class OwnConnections: Sendable {
    /// Those that watch the broker. What closes on them is their daily work, so nothing closed is kept.
    let watching = ClientRegistry(keptClosed: 0, keptSeconds: 0)

    enum Purpose: Sendable {
        /// Watching the broker: never news.
        case watching
        /// An operation that someone asked for: its errors are news, its coming and going is not.
        case operating
    }

    private struct Names {
        var purposes: [String: Purpose] = [:]
        var order: [String] = []
    }

    private static let capacity = 2_000
    private let names = Mutex(Names())

    func add(_ name: String, _ purpose: Purpose) {
        names.withLock { names in
            if names.purposes.updateValue(purpose, forKey: name) == nil { names.order.append(name) }
            // Their last words may come late, so they are remembered long after they closed.
            if names.order.count > Self.capacity { names.purposes[names.order.removeFirst()] = nil }
        }
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
    var known: Set<String> { names.withLock { Set($0.purposes.keys) } }

    func purpose(_ name: String) -> Purpose? {
        names.withLock { $0.purposes[name] }
    }
}
