public import Faults

/// Whether keys may inject faults, and which.
public enum FaultPermission: Sendable, Equatable {
    /// The faults of these rooms can be injected.
    case permitted(Set<FaultDescription.InjectionPoint>)
    /// None can; why, and what to do about it.
    case denied(String)

    /// Decides: without asking on this machine only, elsewhere when somebody said so, never when read-only.
    ///
    /// - Parameters:
    ///   - rooms: those that somebody can do faults of.
    ///   - isLoopback: whether the broker is on this machine.
    ///   - isAllowed: whether somebody said that faults are wanted all the same: `--allow-faults`.
    public init(
        injectionPoints: Set<FaultDescription.InjectionPoint>, isLoopback: Bool, isAllowed: Bool, isReadOnly: Bool
    ) {
        if isReadOnly {
            self = .denied("Read-only: no faults are injected; start without --read-only")
        } else if !isLoopback, !isAllowed {
            self = .denied("Faults are armed on a broker of this machine only: start with --allow-faults")
        } else if injectionPoints.isEmpty {
            self = .denied("Nothing here can inject faults: start with --proxy PORT, or try rabbittop demo")
        } else {
            self = .permitted(injectionPoints)
        }
    }

    /// The rooms whose faults can be injected now.
    public var injectionPoints: Set<FaultDescription.InjectionPoint> {
        switch self {
        case .permitted(let injectionPoints): injectionPoints
        case .denied: []
        }
    }

    /// Why none can be injected, and what to do; `nil` when some can.
    public var why: String? {
        switch self {
        case .permitted: nil
        case .denied(let why): why
        }
    }
}
