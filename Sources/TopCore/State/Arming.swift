public import Faults

/// Whether keys may inject faults, and which.
public enum Arming: Sendable, Equatable {
    /// The faults of these rooms can be injected.
    case armed(Set<FaultDescription.Room>)
    /// None can; why, and what to do about it.
    case disarmed(String)

    /// Decides: without asking on this machine only, elsewhere when somebody said so, never when read-only.
    ///
    /// - Parameters:
    ///   - rooms: those that somebody can do faults of.
    ///   - isLoopback: whether the broker is on this machine.
    ///   - isAllowed: whether somebody said that faults are wanted all the same: `--allow-faults`.
    public init(rooms: Set<FaultDescription.Room>, isLoopback: Bool, isAllowed: Bool, isReadOnly: Bool) {
        if isReadOnly {
            self = .disarmed("Read-only: no faults are injected; start without --read-only")
        } else if !isLoopback, !isAllowed {
            self = .disarmed("Faults are armed on a broker of this machine only: start with --allow-faults")
        } else if rooms.isEmpty {
            self = .disarmed("Nothing here can inject faults: start with --proxy PORT, or try rabbittop demo")
        } else {
            self = .armed(rooms)
        }
    }

    /// The rooms whose faults can be injected now.
    public var rooms: Set<FaultDescription.Room> {
        switch self {
        case .armed(let rooms): rooms
        case .disarmed: []
        }
    }

    /// Why none can be injected, and what to do; `nil` when some can.
    public var why: String? {
        switch self {
        case .armed: nil
        case .disarmed(let why): why
        }
    }
}
