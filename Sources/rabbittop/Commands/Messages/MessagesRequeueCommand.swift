import ArgumentParser
import BrokerOperations
import Names
import Synchronization
import TopCore

/// `rabbittop messages requeue`: sends dead letters back to where they came from.
struct MessagesRequeueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requeue", abstract: "Send dead letters back to where they came from.",
        discussion: """
            The header x-death says where: the queue where a message died first, or with --death latest last. It goes \
            into that queue alone, or with --by exchange through the exchange and routing key that it was published \
            with, into all queues that are bound there. The headers of its deaths are removed, because RabbitMQ 3 \
            drops a message without a word that dies in the same queues again; --keep-deaths keeps them. \
            Exit codes: 0 all went back, 1 some stayed or it was stopped, 2 usage, 69 broker not reachable, 77 not \
            permitted.
            """)

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @OptionGroup var from: MessageSourceOptions
    @OptionGroup var target: MessageTargetOptions
    @OptionGroup var action: MessageActionOptions
    @Option(help: "Which death says where a message came from: first or latest.") var death = OriginRule.Death.first
    @Option(help: "Which way it goes back: queue or exchange.") var by = OriginRule.Way.queue
    @Flag(help: "Keep the headers x-death, x-first-death-… and x-last-death-….") var keepDeaths = false
    @Flag(help: "Only say how many would go where.") var dryRun = false

    func run() async throws {
        let rule = OriginRule(death, by: by)
        if dryRun { return try await preview(rule) }
        try await MessageMove(
            broker: broker, from: from, target: target, action: action, keepsDeaths: keepDeaths
        ).run(.move(.origin(rule)))
    }

    /// Reads the messages, and counts how many would go where.
    private func preview(_ rule: OriginRule) async throws {
        let desk = try await MessageDesk(broker, changes: "looking at messages counts as a delivery")
        let facts = try await desk.facts(of: from.queue)
        try facts.refuseStream("returned from")
        var rules = target.rules(user: desk.source.address.username)
        rules.keepsDeaths = keepDeaths
        let counts = Mutex(ReturnPreview())
        var plan = TransferPlan(
            .read { [rules] message, _ in
                counts.withLock { $0.add(message, rules, rule) }
                return true
            }, queue: Name(from.queue), rules: rules)
        try plan.take(from, action, facts)
        for warning in facts.warnings(plan) { Output.note("rabbittop: \(warning).") }
        let transfer = MessageTransfer(plan, from: desk.source.address, to: desk.source.address)
        let interrupt = Interrupt { transfer.stop() }
        let report = await transfer.run()
        interrupt.end()
        try TransferRun.print(
            counts.withLock { $0 }.report(end: report.end, notes: report.notes), done: "would go back",
            as: action.format)
    }
}
