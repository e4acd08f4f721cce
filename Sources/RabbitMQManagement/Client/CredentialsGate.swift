import Synchronization

/// Keeps one user's wrong password from being tried again and again: shared by all that log in as that user, whatever the
/// protocol.
///
/// As long as nothing was accepted, one attempt is out at a time and the others wait for how it ends. After a refusal nothing
/// leaves for a while that grows to a minute; then one attempt is made again.
public final class CredentialsGate: Sendable {
    /// A user and a password. Never printed.
    public struct Credentials: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
        public var username: String
        public var password: String

        public init(username: String, password: String) {
            self.username = username
            self.password = password
        }

        public static func == (left: Self, right: Self) -> Bool {
            left.username.utf8.elementsEqual(right.username.utf8)
                && left.password.utf8.elementsEqual(right.password.utf8)
        }

        public func hash(into hasher: inout Hasher) {
            for byte in username.utf8 { hasher.combine(byte) }
            hasher.combine(UInt8(0xFF))
            for byte in password.utf8 { hasher.combine(byte) }
        }

        public var description: String { username }
        public var customMirror: Mirror { Mirror(self, children: ["username": username]) }
    }

    /// How an attempt ended, as far as it tells something of user and password.
    public enum Outcome: Sendable {
        case accepted, refused
        /// Nobody said anything of them.
        case unknown

        /// What an answer over HTTP says.
        ///
        /// - Parameter isRefusal: whether it refuses the user or the password.
        init(status: Int, isRefusal: Bool) {
            switch status {
            case 401 where isRefusal: self = .refused
            // Whatever is in front of the broker may have sent these: it need not have asked who it is.
            case 300..<400, 407, 408, 429, 500...: self = .unknown
            default: self = .accepted
            }
        }
    }

    /// Leave to make one attempt; `leave` is to be called with it whatever comes.
    public struct Pass: Sendable, Equatable {
        let isTrial: Bool
    }

    /// The attempt is not made: they were refused before.
    public struct Held: Error, Sendable, Equatable {
        /// Until the next attempt, in seconds.
        public var seconds: Double
    }

    private let machines = Mutex<[Credentials: CredentialsMachine]>([:])
    private let clock: @Sendable () -> Double
    private static let pause: Duration = .milliseconds(5)

    public convenience init() {
        let origin = ContinuousClock.now
        self.init(clock: { (ContinuousClock.now - origin) / .seconds(1) })
    }

    /// - Parameter clock: seconds of a clock that never goes back.
    init(clock: @escaping @Sendable () -> Double) {
        self.clock = clock
    }

    /// Asks for leave to log in; waits while another attempt is out that decides.
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

    /// Tells how an attempt ended.
    public func leave(_ credentials: Credentials, _ pass: Pass, _ outcome: Outcome) {
        machines.withLock {
            $0[credentials, default: .init()].leave(outcome, isTrial: pass.isTrial, at: clock())
        }
    }

    /// Whether nothing leaves now because they were refused; in seconds until the next attempt.
    public func held(_ credentials: Credentials) -> Double? {
        machines.withLock { $0[credentials]?.held(at: clock()) }
    }
}

/// Decides when a user and a password may be tried.
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

    /// Three attempts in the first minute, then one a minute.
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
            // The broker was not there: that is no reason to wait, and none to forget what it said before.
            state = refusals == 0 ? .untried : .refused(until: now + 1, refusals: refusals)
        case (.accepted, .refused):
            // The password was changed while we watched.
            state = .refused(until: now + Self.pause(after: 1), refusals: 1)
        default:
            // An attempt that left before another one was refused says nothing new.
            break
        }
    }

    func held(at now: Double) -> Double? {
        guard case .refused(let until, _) = state, until > now else { return nil }
        return until - now
    }
}
