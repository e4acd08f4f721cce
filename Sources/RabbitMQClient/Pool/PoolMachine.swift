import DequeModule
import NIOCore

/// The places of a channel pool and the waiting checkouts. It uses no channels, no waiters and no clock: places and
/// checkouts are numbers.
///
/// The caller checks the channel before it passes a place on, and reports what it found. While a checkout waits no
/// place is idle.
struct PoolMachine {
    /// Identifies one channel of the pool; never reused.
    typealias PlaceID = UInt64
    /// Identifies one checkout, while it waits and while it holds a place.
    typealias CheckoutID = UInt64

    /// The condition of a returned channel.
    enum Condition: Equatable {
        /// As it was when it was new.
        case clean
        /// A request in progress may still close it: to be checked before it is given out again.
        case doubtful
        /// Closed, or in another state than when it was new.
        case spent
    }

    enum Failure: Equatable {
        /// The deadline passed after this time.
        case overdue(waited: TimeAmount)
        case cancelled
        case poolClosed
        /// No channel could be opened.
        case notOpened(ClientError)
    }

    enum Action: Equatable {
        /// Open a channel for this place.
        case open(PlaceID)
        /// This checkout now has this place.
        case hand(PlaceID, to: CheckoutID)
        case fail(CheckoutID, Failure)
        /// Check whether the channel is still open and clean.
        case prove(PlaceID)
        /// The place is removed; close its channel if it has one and it is not closed.
        case discard(PlaceID)
        /// The pool is closed and no channel is left.
        case finish
    }

    private enum Slot: Equatable {
        case opening
        case idle
        case inUse(CheckoutID)
        case proving
    }

    private struct Waiter: Equatable {
        var id: CheckoutID
        var since: NIODeadline
        var deadline: NIODeadline
    }

    let size: Int
    private var places: [PlaceID: Slot] = [:]
    /// The channel returned last is given out first, so that channels that are not needed stay idle.
    private var idle: [PlaceID] = []
    private var waiters: Deque<Waiter> = []
    private var nextPlace: PlaceID = 0
    private var openingCount = 0
    private(set) var isClosed = false
    /// The connection has no further channel number: none is opened before a channel returns.
    private var isExhausted = false

    private(set) var discarded: UInt64 = 0
    private(set) var timeouts: UInt64 = 0
    private(set) var longestWait: TimeAmount = .zero

    init(size: Int) {
        self.size = max(1, size)
    }

    var placeCount: Int { places.count }
    var waitingCount: Int { waiters.count }
    var idlePlaces: [PlaceID] { idle }
    var inUseCount: Int { places.values.count { if case .inUse = $0 { true } else { false } } }

    /// The place that the next checkout gets; its channel is checked first.
    var nextIdle: PlaceID? { idle.last }

    // MARK: Checkout

    /// Requests a place.
    mutating func checkoutRequested(_ id: CheckoutID, now: NIODeadline, deadline: NIODeadline) -> [Action] {
        if isClosed { return [.fail(id, .poolClosed)] }
        if let place = idle.popLast() {
            places[place] = .inUse(id)
            return [.hand(place, to: id)]
        }
        guard deadline > now else {
            timeouts += 1
            return [.fail(id, .overdue(waited: .zero))]
        }
        waiters.append(Waiter(id: id, since: now, deadline: deadline))
        // Other users of the connection may have closed channels: trying again costs little.
        if openingCount == 0 { isExhausted = false }
        return openMore()
    }

    /// An idle channel was found closed.
    mutating func foundClosed(_ place: PlaceID) -> [Action] {
        guard places[place] == .idle else { return [] }
        idle.removeAll { $0 == place }
        return discard(place)
    }

    /// A checkout no longer waits. Does nothing if it already has a place.
    mutating func checkoutCancelled(_ id: CheckoutID) -> [Action] {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return [] }
        waiters.remove(at: index)
        return [.fail(id, .cancelled)]
    }

    /// The time is now `now`.
    mutating func timePassed(_ now: NIODeadline) -> [Action] {
        let overdue = waiters.filter { $0.deadline <= now }
        guard !overdue.isEmpty else { return [] }
        waiters.removeAll { $0.deadline <= now }
        timeouts += UInt64(overdue.count)
        return overdue.map { waiter in
            let waited = now - waiter.since
            longestWait = max(longestWait, waited)
            return .fail(waiter.id, .overdue(waited: waited))
        }
    }

    // MARK: Opening

    /// The channel of this place is open and set up. If the pool was closed by force it is discarded.
    mutating func opened(_ place: PlaceID, now: NIODeadline) -> [Action] {
        guard places[place] == .opening else { return [.discard(place)] }
        openingCount -= 1
        return available(place, now: now)
    }

    /// No channel could be opened for this place. With `isExhausted` one may be available when another channel is
    /// returned.
    mutating func openFailed(_ place: PlaceID, _ error: ClientError, isExhausted: Bool) -> [Action] {
        guard places[place] == .opening else { return [] }
        openingCount -= 1
        places[place] = nil
        if isClosed { return finishIfEmpty() }
        if isExhausted, places.values.contains(where: { $0 != .idle }) {
            self.isExhausted = true
            return []
        }
        // No channel is in use that could be returned.
        self.isExhausted = false
        guard let first = waiters.popFirst() else { return [] }
        return [.fail(first.id, .notOpened(error))] + openMore()
    }

    // MARK: Return

    /// A checkout returns its place. Only its current holder can; a second call does nothing.
    mutating func returned(
        _ place: PlaceID,
        by id: CheckoutID,
        _ condition: Condition,
        now: NIODeadline
    ) -> [Action] {
        guard places[place] == .inUse(id) else { return [] }
        isExhausted = false
        if isClosed { return discard(place) }
        switch condition {
        case .clean: return available(place, now: now) + openMore()
        case .doubtful:
            places[place] = .proving
            return [.prove(place)]
        case .spent: return discard(place)
        }
    }

    /// The check of a channel is complete.
    mutating func proved(_ place: PlaceID, isClean: Bool, now: NIODeadline) -> [Action] {
        guard places[place] == .proving else { return [] }
        isExhausted = false
        return isClean ? available(place, now: now) + openMore() : discard(place)
    }

    // MARK: Close

    /// No place is given out any more. Places in use stay until they are returned.
    mutating func closeRequested() -> [Action] {
        guard !isClosed else { return [] }
        isClosed = true
        let failed = waiters.map { Action.fail($0.id, .poolClosed) }
        waiters.removeAll()
        let dropped = idle
        idle.removeAll()
        for place in dropped { places[place] = nil }
        return failed + dropped.map { .discard($0) } + finishIfEmpty()
    }

    /// Takes back the places still in use.
    mutating func closeForced() -> [Action] {
        let dropped = places.keys.sorted()
        places.removeAll()
        idle.removeAll()
        openingCount = 0
        return dropped.map { .discard($0) } + finishIfEmpty()
    }

    // MARK: Balance

    private mutating func available(_ place: PlaceID, now: NIODeadline) -> [Action] {
        if isClosed {
            places[place] = nil
            return [.discard(place)] + finishIfEmpty()
        }
        guard let first = waiters.popFirst() else {
            places[place] = .idle
            idle.append(place)
            return []
        }
        longestWait = max(longestWait, now - first.since)
        places[place] = .inUse(first.id)
        return [.hand(place, to: first.id)]
    }

    private mutating func discard(_ place: PlaceID) -> [Action] {
        places[place] = nil
        discarded += 1
        return [.discard(place)] + (isClosed ? finishIfEmpty() : openMore())
    }

    /// Opens one channel for each waiting checkout, as far as the size allows.
    private mutating func openMore() -> [Action] {
        var actions: [Action] = []
        while !isClosed, !isExhausted, openingCount < waiters.count, places.count < size {
            nextPlace += 1
            places[nextPlace] = .opening
            openingCount += 1
            actions.append(.open(nextPlace))
        }
        return actions
    }

    private func finishIfEmpty() -> [Action] { isClosed && places.isEmpty ? [.finish] : [] }
}
