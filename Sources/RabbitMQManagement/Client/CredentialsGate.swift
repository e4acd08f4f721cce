import Synchronization

/// Keeps a user's wrong password from being tried again and again. It is shared by all that log in as that user, with
/// any protocol.
///
/// Until an attempt was accepted, one attempt is made at a time and the others wait for its result. After a refusal no
/// attempt is made for a time that grows to one minute; then one attempt is made again.
public final class CredentialsGate: Sendable {
    /// A user name and a password. The password is never part of a description.
    public struct Credentials: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
        /// The user name.
        public var username: String
        /// The password.
        public var password: String

        /// Creates credentials.
        public init(username: String, password: String) {
            self.username = username
            self.password = password
        }

        /// Whether user name and password have the same UTF-8 bytes.
        public static func == (left: Self, right: Self) -> Bool {
            left.username.utf8.elementsEqual(right.username.utf8)
                && left.password.utf8.elementsEqual(right.password.utf8)
        }

        /// Hashes the UTF-8 bytes of user name and password.
        public func hash(into hasher: inout Hasher) {
            for byte in username.utf8 { hasher.combine(byte) }
            hasher.combine(UInt8(0xFF))
            for byte in password.utf8 { hasher.combine(byte) }
        }

        /// The user name.
        public var description: String { username }
        /// A mirror without the password.
        public var customMirror: Mirror { Mirror(self, children: ["username": username]) }
    }

    /// The result of an attempt, as far as it concerns user name and password.
    public enum Outcome: Sendable {
        /// User name and password were accepted, or refused.
        case accepted, refused
        /// The attempt ended without a decision on user name and password.
        case unknown

        /// Derives the outcome from an HTTP response.
        ///
        /// - Parameter isRefusal: whether the response refuses user name or password.
        init(status: Int, isRefusal: Bool) {
            switch status {
            case 401 where isRefusal: self = .refused
            // A proxy may have sent these statuses without asking the broker.
            case 300..<400, 407, 408, 429, 500...: self = .unknown
            default: self = .accepted
            }
        }
    }

    /// The permission to make one attempt; `leave` must be called with it in any case.
    public struct Pass: Sendable, Equatable {
        let isTrial: Bool
    }

    /// The attempt was not made because these credentials were refused before.
    public struct Held: Error, Sendable, Equatable {
        /// The time until the next attempt, in seconds.
        public var seconds: Double
    }

    private let machines = Mutex<[Credentials: CredentialsMachine]>([:])
    private let clock: @Sendable () -> Double
    private static let pause: Duration = .milliseconds(5)

    /// Creates a gate that holds no credentials.
    public convenience init() {
        let origin = ContinuousClock.now
        self.init(clock: { (ContinuousClock.now - origin) / .seconds(1) })
    }

    /// - Parameter clock: returns the seconds of a monotonic clock.
    init(clock: @escaping @Sendable () -> Double) {
        self.clock = clock
    }

    /// Requests the permission to log in; waits while another attempt is in progress that decides.
    ///
    /// - Throws: `Held`, or `CancellationError`.
    public func enter(_ credentials: Credentials) async throws -> Pass {
        while true {
            switch machines.withLock({ $0[credentials, default: .init()].enter(at: clock()) }) {
            case .go(let isTrial): return Pass(isTrial: isTrial)
            case .held(let seconds): throw Held(seconds: seconds)
            case .wait: try await Task.sleep(for: Self.pause)
            }
        }
    }

    /// Reports the result of an attempt.
    public func leave(_ credentials: Credentials, _ pass: Pass, _ outcome: Outcome) {
        machines.withLock {
            $0[credentials, default: .init()].leave(outcome, isTrial: pass.isTrial, at: clock())
        }
    }

    /// Returns the seconds until the next attempt if the credentials were refused and no attempt is allowed now;
    /// otherwise nil.
    public func held(_ credentials: Credentials) -> Double? {
        machines.withLock { $0[credentials]?.held(at: clock()) }
    }
}

/// Decides when user name and password may be tried.
struct CredentialsMachine: Sendable {
    enum Answer: Equatable {
        /// - Parameter isTrial: whether this attempt decides, and others wait for it.
        case go(isTrial: Bool)
        case wait
        case held(seconds: Double)
    }

    private enum State {
        case untried
        case trying(refusals: Int)
        case accepted
        case refused(until: Double, refusals: Int)
    }

    private var state = State.untried

    /// Returns the pause in seconds: three attempts in the first minute, then one per minute.
    static func pause(after refusals: Int) -> Double {
        refusals <= 1 ? 10 : refusals == 2 ? 25 : 60
    }

    mutating func enter(at now: Double) -> Answer {
        switch state {
        case .accepted: return .go(isTrial: false)
        case .untried:
            state = .trying(refusals: 0)
            return .go(isTrial: true)
        case .trying: return .wait
        case .refused(let until, let refusals):
            guard now >= until else { return .held(seconds: until - now) }
            state = .trying(refusals: refusals)
            return .go(isTrial: true)
        }
    }

    mutating func leave(_ outcome: CredentialsGate.Outcome, isTrial: Bool, at now: Double) {
        switch (state, outcome) {
        case (.trying(let refusals), .refused) where isTrial:
            state = .refused(until: now + Self.pause(after: refusals + 1), refusals: refusals + 1)
        case (.trying, .accepted) where isTrial: state = .accepted
        case (.trying(let refusals), .unknown) where isTrial:
            // The broker was not reachable: that is no reason to wait, nor to forget an earlier refusal.
            state = refusals == 0 ? .untried : .refused(until: now + 1, refusals: refusals)
        case (.accepted, .refused):
            // The password was changed while the program was running.
            state = .refused(until: now + Self.pause(after: 1), refusals: 1)
        default:
            // An attempt that began before another one was refused has no new information.
            break
        }
    }

    func held(at now: Double) -> Double? {
        guard case .refused(let until, _) = state, until > now else { return nil }
        return until - now
    }
}
