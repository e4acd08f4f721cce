import Synchronization

/// The names of rabbittop's own connections: what they do is no news.
final class OwnConnections: Sendable {
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

    func purpose(_ name: String) -> Purpose? {
        names.withLock { $0.purposes[name] }
    }
}
