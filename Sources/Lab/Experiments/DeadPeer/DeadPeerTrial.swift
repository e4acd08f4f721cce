/// A lost peer, and the negotiated heartbeat: a row of the experiment.
struct DeadPeerTrial: Sendable, Hashable {
    /// Which side is gone, and how.
    enum Scene: String, Sendable, CaseIterable {
        /// The broker's process is stopped: its sockets are open, and nothing answers.
        case brokerFrozen = "broker-frozen"
        /// The client's event loop thread is blocked, as in a long pause or a stopped process.
        case clientFrozen = "client-frozen"
        /// Both sides run, and nothing passes between them.
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
    /// The heartbeat interval in seconds; 0 is none.
    var heartbeat: Int

    var name: String { heartbeat == 0 ? "\(scene.rawValue), no heartbeat" : "\(scene.rawValue), \(heartbeat) s" }
}

/// The result of a trial. Times are in seconds from the fault; the time of the revival is counted from the fault's end.
struct DeadPeerOutcome: Sendable, Hashable {
    var trial: DeadPeerTrial
    /// The negotiated heartbeat, in seconds.
    var agreed = 0
    /// How long the fault was in force, in seconds.
    var lasted = 0.0
    var clientNoticed: Double?
    var brokerNoticed: Double?
    /// The number of messages that the broker requeued.
    var requeued = 0
    /// Whether the broker logged missed heartbeats.
    var isLogged = false
    /// The seconds until the consumer got a new message.
    var revived: Double?
    /// How often its connection recovered.
    var recoveries = 0

    /// Whether at least one side noticed.
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

    /// The representation in the ledger's details.
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

    /// Reads the representation; nil for any other value.
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
