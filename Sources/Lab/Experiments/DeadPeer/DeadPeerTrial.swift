import Experiments

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

/// The guarantees of heartbeats (AMQP 0-9-1 specification, section 4.2.7; RabbitMQ documentation: Heartbeats).
///
/// A side gives up the other after two to three intervals without a frame. It receives one about every half interval:
/// the last frame arrived up to three quarters of an interval before the fault, so that from the fault on it can take
/// little more than one interval.
struct DeadPeerRules: Sendable {
    /// The number of messages that the client of each trial held.
    var held: Int
    /// The additional delay of a busy machine, in seconds.
    var slack: Double

    func withHeartbeats(_ outcomes: [DeadPeerOutcome], lost: Int, duplicates: Int) -> [LabExpectation] {
        var all: [LabExpectation] = []
        for outcome in outcomes {
            let (trial, name) = (outcome.trial, outcome.trial.name)
            if trial.scene.isClientAwake {
                all.append(noticed("\(name): the client notices", outcome.clientNoticed, trial.heartbeat))
            }
            if trial.scene.isBrokerAwake {
                all.append(noticed("\(name): the broker notices", outcome.brokerNoticed, trial.heartbeat))
                all.append(
                    LabExpectation(
                        what: "\(name): the broker puts back what the dead client held",
                        holds: outcome.requeued == held, found: "\(outcome.requeued) of \(held) messages"))
            }
            all.append(revival(outcome))
        }
        all.append(LabExpectation(what: "Nothing is lost", holds: lost == 0, found: "\(lost) lost"))
        let least = outcomes.count * held
        all.append(
            LabExpectation(
                what: "What was held comes once more", holds: duplicates >= least,
                found: "\(duplicates) duplicates of \(least) messages"))
        return all
    }

    func withoutHeartbeats(
        _ outcomes: [DeadPeerOutcome], observed: Double, lost: Int, duplicates: Int
    ) -> [LabExpectation] {
        var all: [LabExpectation] = []
        for outcome in outcomes {
            let (scene, name) = (outcome.trial.scene, outcome.trial.name)
            var sides: [(side: String, noticed: Double?)] = []
            if scene.isClientAwake { sides.append(("the client", outcome.clientNoticed)) }
            if scene.isBrokerAwake { sides.append(("the broker", outcome.brokerNoticed)) }
            for (side, noticed) in sides {
                let time = Self.seconds(outcome.lasted)
                all.append(
                    LabExpectation(
                        what: "\(name): \(side) never notices",
                        holds: noticed == nil && outcome.agreed == 0 && outcome.lasted >= observed - 0.01,
                        found: noticed.map { "it noticed after \(Self.seconds($0))" } ?? "it had not after \(time)"))
            }
            if scene.isBrokerAwake {
                all.append(
                    LabExpectation(
                        what: "\(name): what the dead client holds stays with it", holds: outcome.requeued == 0,
                        found: "\(outcome.requeued) of \(held) messages were put back"))
            }
            all.append(revival(outcome))
        }
        let (again, losses) = (outcomes.reduce(0) { $0 + $1.recoveries }, "\(lost) lost, \(duplicates) duplicates")
        all.append(
            LabExpectation(
                what: "When the fault ends the same connections go on",
                holds: again == 0 && lost == 0 && duplicates == 0,
                found: "\(again) connections made anew, \(losses)"))
        return all
    }

    private func noticed(_ what: String, _ seconds: Double?, _ heartbeat: Int) -> LabExpectation {
        let rule = "\(what) within 2 to 3 intervals"
        guard let seconds, heartbeat > 0 else { return LabExpectation(what: rule, holds: false, found: "it did not") }
        let intervals = seconds / Double(heartbeat)
        return LabExpectation(
            what: rule, holds: intervals >= Self.least && seconds <= 3 * Double(heartbeat) + slack,
            found: "after \(Self.seconds(seconds)), \(Self.tenths(intervals)) intervals from the fault on")
    }

    /// The fault may begin up to three quarters of an interval after the last frame.
    private static let least = 1.25

    private func revival(_ outcome: DeadPeerOutcome) -> LabExpectation {
        LabExpectation(
            what: "\(outcome.trial.name): the consumer goes on when the fault has ended", holds: outcome.revived != nil,
            found: outcome.revived.map { "after \(Self.seconds($0))" } ?? "it did not")
    }

    static func seconds(_ seconds: Double) -> String { "\(tenths(seconds)) s" }

    private static func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
