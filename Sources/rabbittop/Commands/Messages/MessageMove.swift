import BrokerOperations
import Foundation
import Names
import RabbitMQClient
import TopCore

/// What the subcommands share that publish messages of a queue.
struct MessageMove {
    var broker: BrokerOptions
    var from: MessageSourceOptions
    var target: MessageTargetOptions
    var action: MessageActionOptions
    /// Whether dead letters that go back keep the headers that tell of their deaths.
    var keepsDeaths = false

    func run(_ work: TransferPlan.Work) async throws {
        let desk = try await MessageDesk(broker, changes: "this publishes messages")
        let facts = try await desk.facts(of: from.queue)
        let place = try await desk.target(target, broker)
        var rules = target.rules(user: place.address.username)
        rules.keepsDeaths = keepsDeaths
        var plan = TransferPlan(work, queue: Name(from.queue), rules: rules)
        try plan.take(from, action, facts)
        let verb: String
        let done: String
        switch work {
        case .move:
            try facts.refuseStream("moved from")
            (verb, done) = ("Move", "moved")
        case .copy: (verb, done) = ("Copy", "copied")
        case .delete, .read: return
        }
        try refuseSame(plan, desk.source, place)
        for warning in facts.warnings(plan) { Output.note("rabbittop: \(warning).") }
        if let warning = await loopWarning(plan, desk.source, place) { Output.note("rabbittop: \(warning).") }
        try await desk.confirm(
            "\(verb) \(Self.which(from, action, facts)) of queue \(from.queue) (\(desk.source.words)) "
                + "\(plan.targetWords)\(place.words == desk.source.words ? "" : " (\(place.words))")?",
            isAnswered: action.yes)
        try await TransferRun(
            plan: plan, source: desk.source.address, target: place.address, format: action.format, done: done
        ).run()
    }

    /// Refuses to move messages of a queue into itself.
    private func refuseSame(
        _ plan: TransferPlan, _ source: MessageDesk.Place, _ target: MessageDesk.Place
    ) throws {
        guard case .move(.queue(plan.queue)) = plan.work, source.address.host == target.address.host,
            source.address.port == target.address.port, source.vhost.utf8.elementsEqual(target.vhost.utf8)
        else { return }
        throw CommandError("\(plan.queue) is the queue itself.\nName another with --to.", exitCode: ExitStatus.usage)
    }

    /// Returns a warning if the target dead-letters into the source.
    private func loopWarning(
        _ plan: TransferPlan, _ source: MessageDesk.Place, _ target: MessageDesk.Place
    ) async -> String? {
        guard case .move(.queue(let queue)) = plan.work, source.vhost.utf8.elementsEqual(target.vhost.utf8),
            let management = target.management,
            let facts = try? await QueueFacts.ask(queue, target.address, management: management)
        else { return nil }
        if facts.isDurable == false {
            return "\(queue) is not durable: what is moved there is lost when its broker restarts"
        }
        guard facts.deadLetterExchange == "", facts.deadLetterKey == plan.queue else { return nil }
        return "\(queue) dead-letters into \(plan.queue): a message that dies there again comes back"
    }

    /// `the first 10 of 1,234 messages`, `all 1,234 messages`.
    static func which(_ from: MessageSourceOptions, _ action: MessageActionOptions, _ facts: QueueFacts) -> String {
        let all = MessageDesk.messages(facts.ready)
        switch (action.count, from.filter) {
        case (nil, nil): return "all \(all)"
        case (let count?, nil): return "the first \(min(count, facts.ready)) of \(all)"
        case (nil, _?): return "those of \(all) that match"
        case (let count?, _?): return "the first \(count) that match of \(all)"
        }
    }
}

extension TransferPlan {
    /// Takes over what the options say.
    mutating func take(
        _ from: MessageSourceOptions, _ action: MessageActionOptions, _ facts: QueueFacts
    ) throws {
        try take(from, facts)
        count = action.count
        rate = action.rate
        window = action.window
    }

    mutating func take(_ from: MessageSourceOptions, _ facts: QueueFacts) throws {
        if let wanted = try from.messageFilter() { filter = { wanted.matches($0, at: Date()) } }
        streamOffset = try from.streamOffset() ?? (facts.isStream ? .first : nil)
        deliveryLimit = facts.limitOfLooks
    }

    var targetWords: String {
        switch destination {
        case .queue(let queue)?: "to queue \(queue)"
        case .exchange(let exchange, let key)?:
            "to exchange '\(exchange)'\(key.map { " with routing key '\($0)'" } ?? "")"
        case .origin?: "back to where they came from"
        case nil: ""
        }
    }
}

extension QueueFacts {
    func refuseStream(_ what: String) throws {
        guard isStream else { return }
        throw CommandError(
            "A stream keeps its messages: none can be \(what) it.\nCopy them with 'rabbittop messages copy'.",
            exitCode: ExitStatus.usage)
    }

    /// What taking messages costs, and which cannot be taken.
    func warnings(_ plan: TransferPlan) -> [String] {
        var warnings: [String] = []
        if let unacknowledged, unacknowledged > 0, !isStream {
            warnings.append(
                "\(MessageDesk.messages(unacknowledged)) of \(plan.queue) are unacknowledged by consumers and cannot be "
                    + "taken")
        }
        if consumers > 0, plan.removes {
            warnings.append(
                "\(consumers) consumer\(consumers == 1 ? " takes" : "s take") messages of \(plan.queue) at the same time"
            )
        }
        if let limit = limitOfLooks, !plan.removes || plan.filter != nil {
            warnings.append(
                "each message that stays counts as delivered once more; the queue's delivery limit is \(limit)")
        }
        return warnings
    }
}
