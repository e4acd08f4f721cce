import DequeModule
import NIOCore

/// Slots for a limited number of unconfirmed messages, given in the order of the requests.
struct WindowMachine: Equatable {
    enum Action: Equatable {
        case none
        /// Each of these has a slot now.
        case admit([WaiterID])
        /// These no longer wait: they were cancelled, or their deadline passed.
        case fail([WaiterID])
    }

    private struct Waiter: Equatable {
        var id: WaiterID
        var deadline: NIODeadline
    }

    let limit: Int
    private(set) var used = 0
    private var waiters: Deque<Waiter> = []

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    var waitingCount: Int { waiters.count }

    /// Takes up to `count` slots if they are free and there are no waiters; returns their number.
    mutating func takeFree(_ count: Int) -> Int {
        guard waiters.isEmpty else { return 0 }
        let taken = min(count, limit - used)
        used += taken
        return taken
    }

    /// Requests one slot.
    mutating func requested(_ id: WaiterID, deadline: NIODeadline) -> Action {
        if takeFree(1) == 1 { return .admit([id]) }
        waiters.append(Waiter(id: id, deadline: deadline))
        return .none
    }

    /// Frees this many slots.
    mutating func released(_ count: Int) -> Action {
        used = max(0, used - count)
        var admitted: [WaiterID] = []
        while used < limit, let first = waiters.popFirst() {
            used += 1
            admitted.append(first.id)
        }
        return admitted.isEmpty ? .none : .admit(admitted)
    }

    mutating func cancelled(_ id: WaiterID) -> Action {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return .none }
        waiters.remove(at: index)
        return .fail([id])
    }

    mutating func timePassed(_ now: NIODeadline) -> Action {
        let overdue = waiters.filter { $0.deadline <= now }
        guard !overdue.isEmpty else { return .none }
        waiters.removeAll { $0.deadline <= now }
        return .fail(overdue.map(\.id))
    }
}
