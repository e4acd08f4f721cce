import Foundation
public import Names

/// A feature flag of the cluster, or a deprecated feature.
public struct FeatureRow: Sendable, Equatable {
    /// What the row is.
    public enum Kind: String, Sendable {
        case flag, deprecated
    }

    /// The name.
    public var name: Name
    /// Whether it is a feature flag or a deprecated feature.
    public var kind: Kind
    /// The state: `enabled`, `disabled` …; of a deprecated feature `permitted` or `denied`, as far as it is told.
    public var state: String?
    /// How stable a flag's feature is: `stable`, `required`, `experimental`.
    public var stability: String?
    /// How far a deprecated feature is on its way out: `permitted_by_default`, `denied_by_default` …
    public var phase: String?
    /// Whether a deprecated feature is used in the cluster; `nil` when that is not known.
    public var isUsed: Bool?
    /// The plugin or application that it belongs to.
    public var providedBy: String?
    /// The description.
    public var description: String?
    /// Where it is documented.
    public var documentation: String?

    /// Creates a row; everything else is unknown.
    public init(name: Name, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

/// The columns of the Flags view, in their order. The raw values are the names for scripts.
public enum FeatureColumn: String, ColumnKey {
    case name, kind, state, stability, phase, used
    case providedBy = "provided_by"
    case description, documentation
}

extension FeatureRow: TableRow {
    public static func column(_ key: FeatureColumn) -> Column<Self> {
        switch key {
        case .name:
            Column(
                key, "NAME", .text, width: 22, maximumWidth: 44, priority: 0, style: .name, tier: .bulk, help: "name"
            ) { row, _ in Value(row.name) }
        case .kind:
            Column(
                key, "KIND", .text, width: 10, priority: 1, tier: .bulk,
                help: "`flag` for a feature flag, `deprecated` for a deprecated feature"
            ) { row, _ in .text(row.kind.rawValue) }
        case .state:
            Column(
                key, "STATE", .text, width: 9, maximumWidth: 14, priority: 0, style: .state, tier: .bulk,
                help: "`enabled`, `disabled` …; of a deprecated feature `permitted` or `denied`"
            ) { row, _ in Value(row.state) }
        case .stability:
            Column(
                key, "STABILITY", .text, width: 10, maximumWidth: 13, priority: 2, tier: .bulk,
                help: "of a flag: `stable`, `required`, `experimental`"
            ) { row, _ in Value(row.stability) }
        case .phase:
            Column(
                key, "PHASE", .text, width: 12, maximumWidth: 20, priority: 2, tier: .bulk,
                help: "of a deprecated feature: `permitted_by_default`, `denied_by_default`, `disconnected`, `removed`"
            ) { row, _ in Value(row.phase) }
        case .used:
            Column(
                key, "USED", .flag, width: 4, priority: 1, tier: .bulk, help: "whether a deprecated feature is used"
            ) { row, _ in Value(row.isUsed) }
        case .providedBy:
            Column(
                key, "OF", .text, width: 8, maximumWidth: 28, priority: 4, tier: .bulk,
                help: "plugin or application that it belongs to"
            ) { row, _ in Value(row.providedBy) }
        case .description:
            Column(
                key, "DESCRIPTION", .text, width: 14, maximumWidth: 100, priority: 3, tier: .bulk, help: "description"
            ) { row, _ in Value(row.description) }
        case .documentation:
            Column(
                key, "DOCUMENTATION", .text, width: 13, maximumWidth: 80, priority: nil, tier: .bulk,
                help: "where it is documented"
            ) { row, _ in Value(row.documentation) }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = FeatureColumn.name
    public static let identity: [FeatureColumn] = [.name]
    public var rowID: RowID { .named(NamedRowID(.flags, name: name, more: Name(kind.rawValue))) }
    public var searchText: String { "\(name) \(kind.rawValue) \(state ?? "") \(description ?? "")" }
    public func belongs(to scope: Scope) -> Bool { true }
}
