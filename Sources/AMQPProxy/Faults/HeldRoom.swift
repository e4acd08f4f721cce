import NIOConcurrencyHelpers

/// Counts the bytes that faults keep in the proxy, of one session or of all of them, up to a limit.
final class HeldRoom: Sendable {
    /// Bytes that are kept until nobody refers to this any more.
    final class Share {
        private let room: HeldRoom
        private(set) var bytes = 0

        fileprivate init(_ room: HeldRoom) { self.room = room }

        /// - Returns: false where there is no room for so many more.
        func grow(by count: Int) -> Bool {
            guard room.take(count) else { return false }
            bytes += count
            return true
        }

        deinit { room.give(bytes) }
    }

    /// What one session may keep, in bytes.
    static let ofSession = 16 << 20
    /// What all sessions of a proxy may keep together.
    static let ofAll = 4 * ofSession
    /// What one piece takes beside its bytes.
    static let overhead = 160

    let limit: Int
    /// What is kept here counts there, too.
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
