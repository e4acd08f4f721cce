import NIOConcurrencyHelpers

/// Counts the bytes that faults hold in the proxy, of one session or of all sessions, up to a limit.
final class HeldRoom: Sendable {
    /// A number of held bytes, which are released with the last reference to it.
    final class Share {
        private let room: HeldRoom
        private(set) var bytes = 0

        fileprivate init(_ room: HeldRoom) { self.room = room }

        /// Adds to the held bytes.
        ///
        /// - Returns: false if the limit would be exceeded.
        func grow(by count: Int) -> Bool {
            guard room.take(count) else { return false }
            bytes += count
            return true
        }

        deinit { room.give(bytes) }
    }

    /// The limit of one session, in bytes.
    static let ofSession = 16 << 20
    /// The limit of all sessions of a proxy together, in bytes.
    static let ofAll = 4 * ofSession
    /// The memory that each held piece needs in addition to its bytes.
    static let overhead = 160

    let limit: Int
    /// The limit of all sessions, in which the bytes held here count, too.
    private let whole: HeldRoom?
    private let taken = NIOLockedValueBox(0)

    init(limit: Int, of whole: HeldRoom? = nil) {
        self.limit = limit
        self.whole = whole
    }

    var bytes: Int { taken.withLockedValue { $0 } }

    func share() -> Share { Share(self) }

    func hasRoom(for count: Int) -> Bool {
        taken.withLockedValue { count <= limit - $0 } && whole?.hasRoom(for: count) != false
    }

    private func take(_ count: Int) -> Bool {
        let fits = taken.withLockedValue { taken in
            guard count <= limit - taken else { return false }
            taken += count
            return true
        }
        guard fits else { return false }
        guard let whole, !whole.take(count) else { return true }
        taken.withLockedValue { $0 -= count }
        return false
    }

    private func give(_ count: Int) {
        taken.withLockedValue { $0 -= count }
        whole?.give(count)
    }
}
