import Names

extension Difference {
    /// The most vhosts that are named.
    private static let mostHidden = 20

    /// Returns what was configured at a time, without what is not known at that time or at the other.
    static func comparable(_ moment: Moment, _ other: Moment) -> ConfigurationPart? {
        guard var part = moment.configuration else { return nil }
        let hidden = HiddenVhosts(moment, other)
        let unknown = part.unknown.union(other.configuration?.unknown ?? [])
        part.items.removeAll { unknown.contains($0.kind) || hidden.contains($0.vhost) }
        return part
    }

    /// Says which vhosts and kinds of configuration could be seen at one of the times only. Those that were seen at
    /// neither are no news.
    mutating func noteHidden(_ from: Moment, _ to: Moment) {
        let before = Set(from.cluster?.hiddenVhosts ?? [])
        let after = Set(to.cluster?.hiddenVhosts ?? [])
        for vhost in before.symmetricDifference(after).sorted().prefix(Self.mostHidden) {
            noteUnknown(
                "queues and exchanges of vhost '\(vhost)'", isKnown: (!before.contains(vhost), !after.contains(vhost)))
        }
        guard let first = from.configuration?.unknown, let last = to.configuration?.unknown else { return }
        for kind in ConfigurationItem.Kind.allCases where first.contains(kind) != last.contains(kind) {
            noteUnknown(
                What.configured(kind).plural, isKnown: (!first.contains(kind), !last.contains(kind)))
        }
    }
}
