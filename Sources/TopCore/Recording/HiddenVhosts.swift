import Names

/// The vhosts of which nothing is known at one of two times, because the user may not see them.
struct HiddenVhosts: Sendable {
    static let none = HiddenVhosts(names: [])

    private let names: Set<Name>

    private init(names: Set<Name>) {
        self.names = names
    }

    init(_ from: Moment, _ to: Moment) {
        self.init(names: Set(from.cluster?.hiddenVhosts ?? []).union(to.cluster?.hiddenVhosts ?? []))
    }

    /// Whether what belongs to this vhost is unknown; what belongs to none is known.
    func contains(_ vhost: Name?) -> Bool {
        !names.isEmpty && vhost.map(names.contains) == true
    }
}
