/// A detail that is a list of objects, as a table: a row for each object, a column for each name.
public struct LabTable: Sendable, Hashable {
    /// The names of the columns.
    public var heads: [String]
    /// The cells, row by row.
    public var rows: [[String]]

    /// Names that identify a row's subject come first.
    private static let first = ["family", "scene", "message", "key", "heartbeat"]
    private static let last = ["observed", "predicted"]

    /// Creates a table from a list of objects; nil for any other value.
    public init?(_ value: LabValue) {
        guard case .list(let list) = value, !list.isEmpty else { return nil }
        var objects: [[String: LabValue]] = []
        for item in list {
            guard case .object(let object) = item else { return nil }
            objects.append(object)
        }
        let names = Set(objects.flatMap(\.keys))
        let others = names.subtracting(Self.first).subtracting(Self.last).sorted()
        let heads = Self.first.filter(names.contains) + others + Self.last.filter(names.contains)
        self.heads = heads
        rows = objects.map { object in heads.map { object[$0]?.text ?? "" } }
    }
}
