import MessageRouting
import Names

/// Which message reached which queue, and what was predicted.
struct RoutingMatrix: Sendable, Hashable {
    /// One message and one queue.
    struct Cell: Sendable, Hashable {
        var family: String
        var message: String
        var queue: String
        /// The predicted number of copies.
        var predicted: Int
        var observed: Int

        var holds: Bool { predicted == observed }
        var words: String {
            "'\(message)' (\(family)) into \(queue): predicted \(predicted), observed \(observed)"
        }
    }

    /// The cells in the order of the families, their messages, and all queues.
    private(set) var cells: [Cell] = []

    /// - Parameters:
    ///   - families: the tested families.
    ///   - observed: the copies by message and queue, by the names from `id`.
    init(_ families: [RoutingFamily], rules: RoutingRules, observed: [String: [String: Int]]) {
        for family in families {
            let model = family.model
            for message in family.messages {
                let copies = message.copies(in: model, by: rules)
                let found = observed[Self.id(family.name, message.name)] ?? [:]
                for other in families {
                    for queue in other.queues {
                        let isOwn = other.name == family.name
                        cells.append(
                            Cell(
                                family: family.name, message: message.name,
                                queue: isOwn ? queue : Self.id(other.name, queue),
                                predicted: isOwn ? copies[Name(queue)] ?? 0 : 0,
                                observed: found[Self.id(other.name, queue)] ?? 0))
                    }
                }
            }
        }
    }

    var wrong: [Cell] { cells.filter { !$0.holds } }

    /// Returns the cells in which another matrix of the same families has a different prediction.
    func differences(from other: RoutingMatrix) -> [(ours: Cell, theirs: Cell)] {
        zip(cells, other.cells).filter { $0.predicted != $1.predicted }.map { (ours: $0, theirs: $1) }
    }

    /// Returns a name that is unique among all messages, or among all queues.
    static func id(_ family: String, _ name: String) -> String { "\(family)/\(name)" }
}
