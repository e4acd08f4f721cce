/// One peer that is gone, and what each side had agreed on: a row of the experiment.
struct DeadPeerTrial: Sendable, Hashable {
    /// Who is gone, and how.
    enum Scene: String, Sendable, CaseIterable {
        /// The broker's process is stopped: its sockets are open, and nothing answers.
        case brokerFrozen = "broker-frozen"
        /// The client's thread of input and output stands still: as in a long pause, or a process that was stopped.
        case clientFrozen = "client-frozen"
        /// Both are well, and nothing passes between them.
        case blackHole = "black-hole"

        /// Whether there is a client that could notice.
        var isClientAwake: Bool {
            switch self {
            case .brokerFrozen, .blackHole: true
            case .clientFrozen: false
            }
        }

        /// Whether there is a broker that could notice.
        var isBrokerAwake: Bool {
            switch self {
            case .brokerFrozen: false
            case .clientFrozen, .blackHole: true
            }
        }
    }

    var scene: Scene
    /// Seconds; 0 is none.
    var heartbeat: Int

    var name: String { heartbeat == 0 ? "\(scene.rawValue), no heartbeat" : "\(scene.rawValue), \(heartbeat) s" }
}

/// What came of a trial. Seconds are counted from the fault, those of the revival from its end.
struct DeadPeerOutcome: Sendable, Hashable {
    var trial: DeadPeerTrial
    /// What both sides agreed on, in seconds.
    var agreed = 0
    /// How long the fault was in force.
    var lasted = 0.0
    var clientNoticed: Double?
    var brokerNoticed: Double?
    /// Messages that the broker had put back into the queue.
    var requeued = 0
    /// Whether the broker's log says that it missed heartbeats.
    var isLogged = false
    /// Until the consumer got a new message.
    var revived: Double?
    /// How often its connection was made anew.
    var recoveries = 0

    /// By one side at least.
    var wasNoticed: Bool { clientNoticed != nil || brokerNoticed != nil }
}

extension DeadPeerOutcome {
    private enum Key: String {
        case scene, heartbeat, requeued, recoveries
        case agreed = "agreed_s"
        case lasted = "lasted_s"
        case clientNoticed = "client_noticed_s"
        case brokerNoticed = "broker_noticed_s"
        case isLogged = "broker_logged"
        case revived = "revived_s"
    }

    /// As the ledger's details have it.
    var value: LabValue {
        func number(_ value: Double?) -> LabValue { value.map { .number(($0 * 1000).rounded() / 1000) } ?? .null }
        let values: [Key: LabValue] = [
            .scene: .text(trial.scene.rawValue), .heartbeat: .integer(trial.heartbeat), .agreed: .integer(agreed),
            .lasted: number(lasted), .clientNoticed: number(clientNoticed), .brokerNoticed: number(brokerNoticed),
            .requeued: .integer(requeued), .isLogged: .flag(isLogged), .revived: number(revived),
            .recoveries: .integer(recoveries),
        ]
        return .object(Dictionary(uniqueKeysWithValues: values.map { ($0.rawValue, $1) }))
    }

    /// Nil when it is none.
    init?(_ value: LabValue) {
        guard case .object(let values) = value else { return nil }
        func number(_ key: Key) -> Double? { if case .number(let value) = values[key.rawValue] { value } else { nil } }
        func integer(_ key: Key) -> Int { if case .integer(let value) = values[key.rawValue] { value } else { 0 } }
        guard case .text(let name) = values[Key.scene.rawValue], let scene = DeadPeerTrial.Scene(rawValue: name) else {
            return nil
        }
        trial = DeadPeerTrial(scene: scene, heartbeat: integer(.heartbeat))
        agreed = integer(.agreed)
        lasted = number(.lasted) ?? 0
        clientNoticed = number(.clientNoticed)
        brokerNoticed = number(.brokerNoticed)
        requeued = integer(.requeued)
        isLogged = values[Key.isLogged.rawValue] == .flag(true)
        revived = number(.revived)
        recoveries = integer(.recoveries)
    }
}
