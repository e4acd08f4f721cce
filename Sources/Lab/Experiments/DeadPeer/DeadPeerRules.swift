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
