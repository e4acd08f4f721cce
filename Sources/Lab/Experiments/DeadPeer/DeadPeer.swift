import AMQPProxy
import Experiments
import LocalBroker
import RabbitMQClient

/// Measures how long each side takes to notice that the other is gone.
public struct DeadPeer: Experiment {
    let context: LabContext

    /// Creates the experiment for a run.
    public init(_ context: LabContext) { self.context = context }

    /// Runs the variant.
    public func run() async throws(LabError) {
        let plan = try DeadPeerPlan(context.variant, context.settings)
        try await LabError.translated { () async throws in try await run(plan) }
    }

    private func run(_ plan: DeadPeerPlan) async throws {
        try await Self.propose(plan, context.broker)
        let scenes = plan.scenes.map { $0.rawValue }.joined(separator: ", ")
        let intervals = plan.heartbeats.map { $0 == 0 ? "none" : "\($0) s" }.joined(separator: ", ")
        context.say("\(scenes) at once, with heartbeats of \(intervals)")
        var outcomes: [DeadPeerOutcome] = []
        try await withThrowingTaskGroup(of: [DeadPeerOutcome].self) { group in
            for scene in plan.scenes {
                switch scene {
                case .brokerFrozen: group.addTask { try await freezeBroker(plan) }
                case .clientFrozen:
                    for heartbeat in plan.heartbeats { group.addTask { [try await freezeClient(plan, heartbeat)] } }
                case .blackHole:
                    for heartbeat in plan.heartbeats { group.addTask { [try await swallow(plan, heartbeat)] } }
                }
            }
            for try await more in group {
                outcomes += more
                let order = DeadPeerTrial.Scene.allCases
                outcomes.sort {
                    ($0.trial.heartbeat, order.firstIndex(of: $0.trial.scene) ?? 0)
                        < ($1.trial.heartbeat, order.firstIndex(of: $1.trial.scene) ?? 0)
                }
                context.recorder.detail("trials", .list(outcomes.map(\.value)))
            }
        }
    }

    /// Sets the broker's proposal. The shorter of two proposals counts, unless one side proposes none: then the
    /// other's. The broker's default is 60 s.
    static func propose(_ plan: DeadPeerPlan, _ broker: LabBroker) async throws {
        guard let longest = plan.heartbeats.max(), !(1...60).contains(longest) else { return }
        _ = try await broker.node?.eval("application:set_env(rabbit, heartbeat, \(longest)).")
    }

    /// Returns the expectations of the variant, compared with a ledger.
    public func expectations(_ ledger: LabLedger) -> [LabExpectation] {
        guard let plan = try? DeadPeerPlan(context.variant, context.settings) else { return [] }
        guard case .list(let values) = ledger.details["trials"] ?? .null else {
            return [LabExpectation("Some trial comes to its end", false, "none did")]
        }
        let outcomes = values.compactMap { DeadPeerOutcome($0) }
        let rules = DeadPeerRules(held: plan.held, slack: plan.slack)
        let wanted = plan.scenes.count * plan.heartbeats.count
        let all = LabExpectation(
            "All trials come to their end", outcomes.count == wanted, "\(outcomes.count) of \(wanted)")
        let (lost, duplicates) = (ledger.counts.lost, ledger.counts.duplicates)
        if plan.heartbeats == [0] {
            let observed = plan.observed / .seconds(1)
            return [all]
                + rules.withoutHeartbeats(outcomes, observed: observed, lost: lost, duplicates: duplicates)
        }
        return [all] + rules.withHeartbeats(outcomes, lost: lost, duplicates: duplicates)
    }
}

/// The trials, as given by the settings.
struct DeadPeerPlan: Sendable {
    var scenes: [DeadPeerTrial.Scene]
    /// The heartbeat intervals in seconds; 0 is no heartbeat.
    var heartbeats: [Int]
    /// How long a side without heartbeats gets to notice.
    var observed: Duration
    /// The number of messages that the consumer holds.
    var held: Int
    var slack: Double

    init(_ variant: String, _ settings: LabSettings) throws(LabError) {
        scenes = []
        for name in Self.words(settings.text("scenes")) {
            guard let scene = DeadPeerTrial.Scene(rawValue: name) else {
                let names = DeadPeerTrial.Scene.allCases.map(\.rawValue).joined(separator: ", ")
                throw LabError(.usage, "'\(name)' is not a scene of dead-peer.", advice: "There are: \(names).")
            }
            if !scenes.contains(scene) { scenes.append(scene) }
        }
        heartbeats = []
        for word in variant == DeadPeer.without ? ["0"] : Self.words(settings.text("heartbeats")) {
            guard let seconds = Int(word), 0...600 ~= seconds else {
                throw LabError(
                    .usage, "'heartbeats' takes whole seconds from 1 to 600 with commas between, not '\(word)'.",
                    advice: "Heartbeats are counted in whole seconds; for none there is the variant 'no-heartbeat'.")
            }
            // In the protocol a heartbeat is an integer number of seconds; a value below one would disable it.
            let scaled = seconds == 0 ? 0 : max(1, Int((Double(seconds) / settings.timeScale).rounded()))
            if !heartbeats.contains(scaled) { heartbeats.append(scaled) }
        }
        guard !scenes.isEmpty, !heartbeats.isEmpty else {
            throw LabError(.usage, "dead-peer needs a scene and a heartbeat at least.")
        }
        guard variant == DeadPeer.without || !heartbeats.contains(0) else {
            throw LabError(
                .usage, "'heartbeats' takes whole seconds from 1 to 600 with commas between, not '0'.",
                advice: "For none there is the variant 'no-heartbeat'.")
        }
        observed = settings.seconds("observe")
        held = settings.integer("messages")
        slack = settings.number("slack")
    }

    private static func words(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
    }

    /// Returns how long sides with this heartbeat are observed at most; without one, at least as long as with one.
    func patience(_ heartbeat: Int) -> Duration {
        heartbeat == 0 ? observed : .seconds(3 * Double(heartbeat) + slack + 5)
    }
}

extension DeadPeer {
    static let without = "no-heartbeat"
    static let with = "heartbeat"

    /// The experiment's name, variants and settings.
    public static let description = ExperimentDescription(
        name: "dead-peer",
        title: "How long until each side notices that the other is gone",
        story: """
            A consumer holds some messages when its peer is gone without a word: the broker's process is frozen, its own thread \
            of input and output stands still, or nothing passes between the two any more while all sockets stay open. How long \
            until the consumer notices, how long until the broker notices and puts back what the consumer held, and does the \
            consumer go on when the fault has ended? All scenes and heartbeats run at once.
            """,
        variants: [
            ExperimentDescription.Variant(
                name: without, what: "Both sides agree on a heartbeat of 0: none.",
                expectation:
                    "Neither side ever notices; what the consumer held stays with it and is delivered to nobody.",
                isCure: false),
            ExperimentDescription.Variant(
                name: with, what: "Both sides agree on heartbeats of some seconds.",
                expectation:
                    "Each side notices within two to three intervals, the messages go back, and the consumer revives.",
                isCure: true),
        ],
        settings: [
            ExperimentDescription.Setting(
                "heartbeats", .text("4, 10, 60"),
                "The heartbeats that are tried, in whole seconds; scaled, but never under 1"),
            ExperimentDescription.Setting(
                "scenes", .text(DeadPeerTrial.Scene.allCases.map(\.rawValue).joined(separator: ", ")),
                "Who is gone, and how"),
            ExperimentDescription.Setting(
                "observe", .number(60), "How many seconds a side without heartbeats is given to notice", 1...3_600),
            ExperimentDescription.Setting("messages", .integer(5), "Messages that each consumer holds", 1...50),
            ExperimentDescription.Setting(
                "slack", .number(2), "Seconds that a busy machine may add to what is expected; never scaled", 0...60),
        ],
        needsBrokerControl: true, deadline: 300)

    /// Returns what happens in a variant, and why.
    public static func explanation(_ variant: String) -> String {
        if variant == without {
            return """
                TCP says nothing about a peer that says nothing. As long as no side closes its socket, a frozen process, a cut \
                cable and a quiet afternoon look the same: a reader waits, and goes on waiting. The kernel of a frozen process \
                even acknowledges what it is sent, so that TCP's own keepalive is answered, too.

                Without heartbeats neither side has anything to measure the silence by. The consumer believes it is idle. The \
                broker believes that the consumer is busy with what it was sent, counts it among the queue's consumers, and keeps \
                those messages from everybody else. It ends when somebody looks: the queue has unacknowledged messages and an \
                acknowledgement rate of nothing.
                """
        }
        return """
            A side that agreed on heartbeats sends something every half an interval, and looks whether something came. The \
            RabbitMQ broker looks once an interval and gives the peer up when it saw nothing new twice in a row: two to three \
            intervals after the last word. This library's client gives the broker up after two and a half.

            The broker then closes the connection and puts back what was not acknowledged: the messages wait for another \
            consumer, and come to the old one once more when it is back, marked as redelivered. So a consumer that revives sees \
            them twice, and has to be idempotent. Its acknowledgements of what it got over the dead connection mean nothing any \
            more; the client drops them.

            Choose 5 to 20 seconds: shorter ones give up peers that are merely busy, and with the default of 60 s it takes up to \
            three minutes until somebody else gets the messages.
            """
    }
}
