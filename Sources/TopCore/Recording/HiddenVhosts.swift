import Names

/// The vhosts of which nothing is known at one time, because the user may not see them.
struct HiddenVhosts: Sendable {
    static let none = HiddenVhosts(names: [])

    private let names: Set<Name>

    private init(names: Set<Name>) {
        self.names = names
    }

    init(_ moment: Moment) {
        self.init(names: Set(moment.cluster?.hiddenVhosts ?? []))
    }

    /// Whether what belongs to this vhost is unknown; what belongs to none is known.
    func contains(_ vhost: Name?) -> Bool {
        !names.isEmpty && vhost.map(names.contains) == true
    }
}

extension Difference {
    /// The most vhosts that are named.
    private static let mostHidden = 20

    /// Says which vhosts could be seen at one of the times only. Those that were seen at neither are no news.
    mutating func noteHiddenVhosts(_ from: Moment, _ to: Moment) {
        let before = Set(from.cluster?.hiddenVhosts ?? [])
        let after = Set(to.cluster?.hiddenVhosts ?? [])
        for vhost in before.symmetricDifference(after).sorted().prefix(Self.mostHidden) {
            noteUnknown(
                "queues and exchanges of vhost '\(vhost)'", isKnown: (!before.contains(vhost), !after.contains(vhost)))
        }
    }
}
