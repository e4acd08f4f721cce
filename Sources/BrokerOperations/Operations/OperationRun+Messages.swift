import BrokerMonitor
import Foundation
import Names
import RabbitMQClient
import Synchronization
import TopCore

/// The messages of a queue: looking at them, and what is done with them, through the same transfers as the commands.
extension OperationRun {
    func messages(_ operation: MessageOperation) async -> OperationReport {
        let id = operation.queue
        do throws(ClientError) {
            // Another broker may answer at an assumed address: that is found out before anything is taken there.
            let first = try await context.connect(vhost: id.vhost, purpose: "messages")
            await first.close(timeout: .milliseconds(500))
            let source = try await context.address(vhost: id.vhost, purpose: "messages")
            let facts = try await QueueFacts.ask(id.name, source, management: context.configuration.management)
            switch operation {
            case .browse(let request): return await browse(request, source, facts)
            case .preview(let action): return await preview(action, source, facts)
            case .act(let action):
                let report = await act(action, source, facts)
                await context.askAnew(id)
                return report
            }
        } catch {
            return Self.failed(error)
        }
    }

    /// Runs a transfer, which ends between two messages when the operation is cancelled.
    private func run(_ transfer: MessageTransfer, done: String) async -> TransferReport {
        let progress = progress
        // A task of its own: the transfer is not cancelled but stopped, to settle what is on its way.
        let task = Task {
            await transfer.run { step in
                let fraction = step.messages > 0 ? Double(step.tally.delivered) / Double(step.messages) : nil
                progress(step.words(done), fraction)
            }
        }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            transfer.stop()
        }
    }

    // MARK: Looking

    private func browse(
        _ request: BrowseRequest, _ source: ConnectionConfiguration, _ facts: QueueFacts
    ) async -> OperationReport {
        if context.configuration.isReadOnly, !facts.isStream {
            return .failed(
                "refused: rabbittop is read-only, and looking at messages counts as a delivery",
                advice: "Start it without --read-only.", kind: .notPermitted)
        }
        let limit = facts.isStream ? nil : facts.limitOfLooks
        if let limit, limit < 1 {
            return .failed(
                "refused: the queue's delivery limit is \(limit), and a look counts as a delivery",
                advice: "Raise the limit by a policy.")
        }
        var offset: StreamOffset?
        if facts.isStream {
            offset = StreamOffset(text: request.start)
            if offset == nil {
                return .failed(
                    "'\(request.start)' is no place in a stream",
                    advice: "It takes first, last, next, an offset, a time (2026-01-31T12:00:00Z) or an age (1h).")
            }
        }
        let pages = PageCollector(limit: limit)
        var plan = TransferPlan(
            .read { message, position in pages.add(message, position) }, queue: request.queue.name,
            rules: MessageRules(user: ""))
        plan.count = min(max(1, request.count), BrowseRequest.most)
        plan.streamOffset = offset
        plan.deliveryLimit = limit
        // What is delivered and not read would count as delivered, too.
        if limit != nil { plan.window = 1 }
        let report = await run(MessageTransfer(plan, from: source, to: source), done: "read")
        let (messages, why) = pages.result
        if case .failed(let what, let advice, let kind) = report.end, messages.isEmpty {
            return .failed(what, advice: advice, kind: FailureKind(kind))
        }
        if report.end == .stopped { return .cancelled("stopped after \(TransferReport.messages(messages.count))") }
        var notes = report.notes
        if case .failed(let what, _, _) = report.end { notes.append("reading ended early: \(what)") }
        if let why { notes.append(why) }
        if !facts.isStream {
            if let unacknowledged = facts.unacknowledged, unacknowledged > 0 {
                notes.append(
                    "\(TransferReport.messages(unacknowledged)) more are with consumers, unacknowledged, and cannot be seen"
                )
            }
            if let limit, let most = messages.compactMap({ Self.deliveries(of: $0) }).max() {
                notes.append(
                    "each look counts as a delivery: \(most + 1) of \(limit) used by the most delivered of these")
            }
        }
        let isEnd = facts.isStream ? messages.count < request.count : messages.count >= facts.ready
        return .messages(
            .browsed(
                BrowsedPage(
                    request, messages: messages, ready: max(facts.ready, messages.count), isStream: facts.isStream,
                    isEnd: isEnd, notes: notes)))
    }

    private static func deliveries(of message: BrowsedMessage) -> Int? {
        guard case .integer(let count)? = message.values[.deliveryCount] else { return nil }
        return min(max(0, count), .max - 1)
    }

    // MARK: Acting

    private func preview(
        _ action: MessageAction, _ source: ConnectionConfiguration, _ facts: QueueFacts
    ) async -> OperationReport {
        guard case .move(.origin(let rule)) = action.work else { return .finished("nothing to preview") }
        let rules = action.rules(user: source.username)
        let counts = Mutex(ReturnPreview())
        var plan = TransferPlan(
            .read { message, _ in
                counts.withLock { $0.add(message, rules, rule) }
                return true
            }, queue: action.queue.name, rules: rules)
        let wanted: WantedMessages?
        do { wanted = try plan.take(action, facts) } catch { return Self.refused(error) }
        plan.rate = nil
        let report = await run(MessageTransfer(plan, from: source, to: source), done: "read")
        switch report.end {
        case .failed(let what, let advice, let kind): return .failed(what, advice: advice, kind: FailureKind(kind))
        case .stopped: return .cancelled("stopped; nothing was sent back")
        case .finished: break
        }
        let found = counts.withLock { $0 }.report(end: .finished, notes: report.notes)
        return .messages(
            .preview(action, lines: found.ways + found.notes + Self.missing(wanted), movable: found.tally.moved))
    }

    private func act(
        _ action: MessageAction, _ source: ConnectionConfiguration, _ facts: QueueFacts
    ) async -> OperationReport {
        if facts.isStream, action.removes {
            return .failed(
                "a stream keeps its messages: none can be taken out of it", advice: "Copy them instead, with c.")
        }
        let target: ConnectionConfiguration
        switch await self.target(of: action) {
        case .found(let address): target = address
        case .refused(let report): return report
        }
        if case .move(.queue(action.queue.name)) = action.work, action.vhost == action.queue.vhost,
            action.cluster == nil || (source.host == target.host && source.port == target.port)
        {
            return .failed("\(action.queue.name) is the queue itself", advice: "Name another.")
        }
        let rules = action.rules(user: target.username)
        var plan = TransferPlan(action.transferWork, queue: action.queue.name, rules: rules)
        let wanted: WantedMessages?
        do {
            wanted = try plan.take(action, facts)
            if case .republish(let edit, _) = action.work {
                let properties = try BrowsedMessage.properties(edit.properties, headers: edit.headers)
                plan.replacement = { edit.applied(to: $0, properties) }
            }
        } catch {
            return Self.refused(error)
        }
        let report = await run(MessageTransfer(plan, from: source, to: target), done: action.done)
        let end: MessageReport.End =
            switch report.end {
            case .finished: .finished
            case .stopped: .stopped
            case .failed(let what, let advice, _): .failed(what, advice: advice)
            }
        // Those that were passed by while looking for the chosen ones are of no interest.
        var shown = report
        if wanted != nil { shown.tally.delivered = shown.tally.taken }
        return .messages(
            .acted(
                action, summary: shown.summary(action.done), lines: report.ways + report.notes + Self.missing(wanted),
                end: end))
    }

    private static func missing(_ wanted: WantedMessages?) -> [String] {
        guard let missing = wanted?.missing, missing > 0 else { return [] }
        return ["\(TransferReport.messages(missing)) not found any more: consumed, or with a consumer meanwhile"]
    }

    private static func refused(_ error: any Error) -> OperationReport {
        .failed("\(error)", advice: "See docs/guide/messages.md for how messages are written.")
    }
}

/// Collects the messages that are looked at, up to a number of bytes.
private final class PageCollector: Sendable {
    private struct State {
        var messages: [BrowsedMessage] = []
        var bytes = 0
        /// Why reading ended early.
        var why: String?
    }

    /// How often a message may be delivered, if looking counts.
    private let limit: Int?
    private let state = Mutex(State())

    /// The memory that the messages may take, in bytes.
    private static let mostBytes = 64 << 20

    init(limit: Int?) { self.limit = limit }

    var result: (messages: [BrowsedMessage], why: String?) { state.withLock { ($0.messages, $0.why) } }

    /// - Returns: whether there is room for more.
    func add(_ message: TakenMessage, _ position: Int) -> Bool {
        state.withLock { state in
            let browsed = BrowsedMessage(message, position: position, room: max(0, Self.mostBytes - state.bytes))
            state.bytes += browsed.footprint
            state.messages.append(browsed)
            if state.bytes >= Self.mostBytes {
                state.why = "these fill \(Self.mostBytes >> 20) MiB: reading ended"
                return false
            }
            // Another look at this one would lose it.
            if let limit, let used = message.deliveryCount, used >= limit - 1 {
                state.why = "reading ended at a message whose delivery limit another look would use up"
                return false
            }
            return true
        }
    }
}

extension MessageAction {
    fileprivate func rules(user: String) -> MessageRules {
        var rules = MessageRules(user: Name(user))
        rules.userID = userID
        rules.expiration = expiration
        return rules
    }

    fileprivate var transferWork: TransferPlan.Work {
        switch work {
        case .move(let destination): .move(destination)
        case .copy(let destination): .copy(destination)
        case .delete: .delete
        case .republish(let edit, let removesOriginal):
            removesOriginal
                ? .move(.exchange(edit.exchange, routingKey: edit.routingKey))
                : .copy(.exchange(edit.exchange, routingKey: edit.routingKey))
        }
    }
}

extension TransferPlan {
    /// Takes over which messages are meant, and how fast they go.
    ///
    /// - Returns: the messages that are to be found again, if they were chosen one by one.
    fileprivate mutating func take(_ action: MessageAction, _ facts: QueueFacts) throws -> WantedMessages? {
        rate = action.rate
        deliveryLimit = facts.isStream ? nil : facts.limitOfLooks
        streamOffset = facts.isStream ? .first : nil
        switch action.selection {
        case .all: return nil
        case .matching(let text):
            let chosen = try MessageFilter(text)
            filter = { chosen.matches($0, at: Date()) }
            return nil
        case .these(let chosen, let deepest):
            let wanted = WantedMessages(chosen)
            count = chosen.values.reduce(0, +)
            // Others may have come to the front of the queue meanwhile, but not as many as were there.
            depth = min(deepest, 1 << 40) * 2 + 100
            filter = { wanted.take($0) }
            return wanted
        }
    }
}

extension FailureKind {
    fileprivate init(_ kind: TransferReport.Kind) {
        self =
            switch kind {
            case .unreachable: .unreachable
            case .notPermitted: .notPermitted
            case .other: .other
            }
    }
}
