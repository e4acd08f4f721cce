public import Faults

/// Whether keys may inject faults, and at which injection points.
public enum FaultPermission: Sendable, Equatable {
    /// Faults of these injection points can be injected.
    case permitted(Set<FaultDescription.InjectionPoint>)
    /// No fault can be injected. The text gives the reason and what to do about it.
    case denied(String)

    /// Creates the permission: faults are permitted on a broker of this machine, on another machine only when
    /// explicitly allowed, and never when read-only.
    ///
    /// - Parameters:
    ///   - injectionPoints: The injection points that are available.
    ///   - isLoopback: Whether the broker is on this machine.
    ///   - isAllowed: Whether faults are allowed on another machine's broker: `--allow-faults`.
    ///   - isReadOnly: Whether rabbittop was started with `--read-only`.
    public init(
        injectionPoints: Set<FaultDescription.InjectionPoint>, isLoopback: Bool, isAllowed: Bool, isReadOnly: Bool
    ) {
        if isReadOnly {
            self = .denied("Read-only: no faults are injected; start without --read-only")
        } else if !isLoopback, !isAllowed {
            self = .denied("Faults are permitted on a broker of this machine only: start with --allow-faults")
        } else if injectionPoints.isEmpty {
            self = .denied("Nothing here can inject faults: start with --proxy PORT, or try rabbittop demo")
        } else {
            self = .permitted(injectionPoints)
        }
    }

    /// The injection points whose faults can be injected now.
    public var injectionPoints: Set<FaultDescription.InjectionPoint> {
        switch self {
        case .permitted(let injectionPoints): injectionPoints
        case .denied: []
        }
    }

    /// Why no fault can be injected, and what to do; `nil` when some can.
    public var why: String? {
        switch self {
        case .permitted: nil
        case .denied(let why): why
        }
    }
}
