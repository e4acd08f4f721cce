/// The possible effects of a fault, so that unrelated events of the same time are not attributed to it.
struct FaultEffects: Sendable, Equatable {
    struct Effect: Sendable, Equatable {
        var kinds: Set<LedgerEntry.Kind>
        var scopes: Set<LedgerEntry.Scope>
        /// The possible reply codes; empty: only effects without a code. An effect without a code is always possible.
        var codes: Set<Int>
    }

    var effects: [Effect]
    /// Whether the fault interrupts the applications it affects: then the time until they recover is measured.
    var interrupts: Bool
    /// Whether the fault closes the channels and connections it affects.
    var ends = false
    /// Seconds after the end of the fault in which its effects may still appear: reports of other sources arrive late.
    var grace: Double = 5

    func allow(_ entry: LedgerEntry) -> Bool {
        effects.contains { effect in
            effect.kinds.contains(entry.kind) && effect.scopes.contains(entry.scope)
                && (entry.code.map { effect.codes.contains($0) } ?? true)
        }
    }

    private static let endings: Set<LedgerEntry.Kind> = [.error, .closed]

    private static func channel(_ codes: Int...) -> Effect {
        Effect(kinds: endings, scopes: [.channel], codes: Set(codes))
    }
    private static func connection(_ codes: Int...) -> Effect {
        Effect(kinds: endings, scopes: [.connection], codes: Set(codes))
    }
    private static func entry(_ kinds: Set<LedgerEntry.Kind>, _ codes: Int...) -> Effect {
        Effect(kinds: kinds, scopes: Set(LedgerEntry.Scope.allCases), codes: Set(codes))
    }

    /// - Parameter values: The fault's parameters with the catalogue's defaults.
    init(_ fault: Fault, values: [String: FaultValue], injectionPoint: FaultDescription.InjectionPoint?) {
        var code = 0
        if case .integer(let value) = values["code"] { code = value }
        let towards = values["towards"]
        switch fault.name {
        case "close-channel":
            self.init(effects: [Self.channel(code)], interrupts: true)
            // A peer that was not notified continues with a channel that the other side does not know.
            if towards != nil, towards != .text("both") {
                effects += [Self.connection(503, 504, 505), Self.channel(504)]
            }
        case "close-connection": self.init(effects: [Self.connection(code)], interrupts: true)
        case "reset-connection": self.init(effects: [Self.connection()], interrupts: true)
        case "half-open", "black-hole": self.init(effects: [Self.connection()], interrupts: true)
        case "latency", "bandwidth", "swallow-heartbeats":
            // Connections that are closed normally during the fault have other reasons.
            self.init(effects: [Effect(kinds: [.error], scopes: [.connection], codes: [])], interrupts: false)
        case "refuse-connections":
            self.init(effects: [Self.connection(320), Self.entry([.authentication], 320)], interrupts: true)
        case "refuse-channels": self.init(effects: [Self.channel(code)], interrupts: true)
        case "cut-frame", "corrupt-frame", "truncate-frame":
            self.init(effects: [Self.connection(501, 502, 503, 505, 540, 541)], interrupts: true)
        case "interleave-frames": self.init(effects: [Self.connection(501, 503, 505)], interrupts: true)
        case "block-connection":
            self.init(effects: [Self.entry([.blocked, .unblocked]), Self.connection()], interrupts: true)
        case "swallow", "delay", "duplicate": self.init(effects: [Self.channel(406)], interrupts: false)
        case "nack-confirm": self.init(effects: [], interrupts: false)
        case "return-message": self.init(effects: [Self.entry([.returned], 312)], interrupts: false)
        case "cancel-consumer": self.init(effects: [Self.entry([.cancelled])], interrupts: true)
        case "tune":
            let codes: Set = [501, 503, 504, 530]
            self.init(
                effects: [Effect(kinds: [.error], scopes: [.connection, .channel], codes: codes)], interrupts: false)
        case "vhost-limit", "user-limit":
            self.init(effects: [Self.connection(530), Self.channel(406), Self.channel(506)], interrupts: true)
        case "revoke-permission":
            self.init(effects: [Self.channel(403), Self.connection(320, 530)], interrupts: true)
        case "force-close-connection", "close-user": self.init(effects: [Self.connection(320)], interrupts: true)
        case "delete-queue":
            self.init(
                effects: [Self.entry([.cancelled]), Self.channel(404), Self.entry([.returned], 312)], interrupts: true)
        case "delete-exchange": self.init(effects: [Self.channel(404)], interrupts: true)
        case "raise-channel-error":
            self.init(effects: [Self.channel(404, 406)], interrupts: true)
        case "kill-node", "freeze-node", "restart-node", "lose-node", "partition":
            self.init(
                effects: [
                    Self.connection(320, 541), Self.channel(506, 541), Self.entry([.cancelled, .alarm], 541),
                ], interrupts: true, grace: 15)
        case "memory-alarm", "disk-alarm":
            self.init(effects: [Self.entry([.alarm, .blocked, .unblocked])], interrupts: true)
        case _ where injectionPoint == .own:
            // Any response of the broker to rabbittop's own peer.
            let codes = Set(200...599)
            let all: Set<LedgerEntry.Kind> = [.error, .closed, .returned, .cancelled, .blocked, .unblocked]
            self.init(
                effects: [Effect(kinds: all, scopes: [.channel, .connection, .queue], codes: codes)],
                interrupts: false)
        default: self.init(effects: [], interrupts: false)
        }
        ends = Self.ending.contains(fault.name)
    }

    private static let ending: Set = [
        "close-channel", "close-connection", "reset-connection", "refuse-channels", "cut-frame", "corrupt-frame",
        "truncate-frame", "interleave-frames", "force-close-connection", "close-user", "raise-channel-error",
    ]

    private init(effects: [Effect], interrupts: Bool, grace: Double = 5) {
        self.effects = effects
        self.interrupts = interrupts
        self.grace = grace
    }
}
