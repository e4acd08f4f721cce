/// The possible effects of a fault, so that unrelated events of the same time are not attributed to it.
package struct FaultEffects: Sendable, Equatable {
    package struct Effect: Sendable, Equatable {
        var kinds: Set<LedgerEntry.Kind>
        var scopes: Set<LedgerEntry.Scope>
        /// The possible reply codes; empty: only effects without a code. An effect without a code is always possible.
        var codes: Set<Int>
    }

    package var effects: [Effect]
    /// Whether the fault interrupts the applications it affects: then the time until they recover is measured.
    package var interrupts: Bool
    /// Whether the fault closes the channels and connections it affects.
    package var ends = false
    /// Seconds after the end of the fault in which its effects may still appear: reports of other sources arrive late.
    package var grace: Double = 5

    func allow(_ entry: LedgerEntry) -> Bool {
        effects.contains { effect in
            effect.kinds.contains(entry.kind) && effect.scopes.contains(entry.scope)
                && (entry.code.map { effect.codes.contains($0) } ?? true)
        }
    }

    /// Creates the effects of a fault.
    ///
    /// - Parameters:
    ///   - effects: the events that it can cause.
    ///   - interrupts: whether applications have to recover.
    ///   - ends: whether it closes the channels or connections that it affects.
    ///   - grace: the seconds after its end in which effects may still appear.
    package init(_ effects: [Effect] = [], interrupts: Bool = false, ends: Bool = false, grace: Double = 5) {
        self.effects = effects
        self.interrupts = interrupts
        self.ends = ends
        self.grace = grace
    }
}

extension FaultEffects.Effect {
    private static let endings: Set<LedgerEntry.Kind> = [.error, .closed]

    /// The end of a channel, with one of these reply codes.
    package static func channel(_ codes: Int...) -> Self { Self(kinds: endings, scopes: [.channel], codes: Set(codes)) }

    /// The end of a connection, with one of these reply codes.
    package static func connection(_ codes: Int...) -> Self {
        Self(kinds: endings, scopes: [.connection], codes: Set(codes))
    }

    /// An event of one of these kinds, with one of these reply codes.
    package static func entry(_ kinds: Set<LedgerEntry.Kind>, _ codes: Int...) -> Self {
        Self(kinds: kinds, scopes: Set(LedgerEntry.Scope.allCases), codes: Set(codes))
    }

    /// An error of a connection or channel, with one of these reply codes.
    package static func error(in scopes: Set<LedgerEntry.Scope>, _ codes: Int...) -> Self {
        Self(kinds: [.error], scopes: scopes, codes: Set(codes))
    }

    /// Any response of the broker to rabbittop's own peer.
    package static let anyResponse = Self(
        kinds: [.error, .closed, .returned, .cancelled, .blocked, .unblocked], scopes: [.channel, .connection, .queue],
        codes: Set(200...599))
}
