import ArgumentParser
import BrokerOperations
import Names

/// `rabbittop messages delete`: deletes messages of a queue.
struct MessagesDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete messages of a queue: the first ones, those that match, or all.",
        discussion: """
            What is deleted is gone: save it before with 'rabbittop messages save'. Exit codes: 0 done, 1 stopped or \
            failed, 2 usage, 69 broker not reachable, 77 not permitted.
            """)

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @OptionGroup var from: MessageSourceOptions
    @OptionGroup var action: MessageActionOptions

    func run() async throws {
        let desk = try await MessageDesk(broker, changes: "this deletes messages")
        let facts = try await desk.facts(of: from.queue)
        try facts.refuseStream("deleted from")
        var plan = TransferPlan(.delete, queue: Name(from.queue), rules: MessageRules(user: ""))
        try plan.take(from, action, facts)
        let which = MessageMove.which(from, action, facts)
        try await desk.confirm(
            "Delete \(which) of queue \(from.queue) (\(desk.source.words))?", isAnswered: action.yes)
        try await TransferRun(
            plan: plan, source: desk.source.address, target: desk.source.address, format: action.format,
            done: "deleted"
        ).run()
    }
}
