public import MessageRouting
public import Names
public import RabbitMQManagement

/// Finds out which queues a message would reach, and asks the broker only for the exchanges, bindings and queues on its
/// way.
public struct RoutePoll: Sendable {
    private let client: ManagementClient
    /// The most requests for one answer; what is beyond stays unknown.
    static let mostRequests = 600
    private static let mostAtOnce = 8

    init(client: ManagementClient) { self.client = client }

    /// - Throws: `ManagementError` if a file named in the TLS settings cannot be read.
    public init(_ configuration: ManagementConfiguration) throws(ManagementError) {
        client = try ManagementClient(configuration: configuration)
    }

    /// Closes the connections to the management API.
    public func shutdown() async {
        await client.shutdown()
    }

    /// Returns where a message would go, and where the dead letters of the queues would go. A part that the broker does
    /// not tell is among the gaps; the first such refusal is returned, too.
    ///
    /// - Parameter deadLettersOf: the most queues whose dead letters are followed.
    /// - Throws: `ManagementError` if the broker cannot be reached, refuses the user or has no such vhost.
    public func trace(
        _ message: RoutedMessage, vhost: Name, deadLettersOf most: Int = 50
    ) async throws(ManagementError) -> (trace: RouteTrace, refusal: ManagementError?) {
        var model = RoutingModel.unasked
        var refusal: ManagementError?
        var policies: Result<[Name: PolicyInfo], ManagementError>?
        var requests = 0
        while true {
            let trace = model.trace(message, deadLettersOf: most)
            let needs = trace.needs.sorted()
            if needs.isEmpty {
                try await checkVhost(vhost, trace)
                return (trace, refusal)
            }
            let asked = needs.prefix(max(0, Self.mostRequests - requests))
            for part in needs.dropFirst(asked.count) {
                model.lacks(part, why: "more than \(Self.mostRequests) requests would be needed")
            }
            requests += asked.count
            for (part, answer) in await answers(about: asked, vhost) {
                if case .failure(let error) = answer, case .notPermitted = error.code {
                    // Nothing can be said without the first exchange.
                    if part == .exchange(message.exchange) { throw error }
                    refusal = refusal ?? error
                }
                try await take(answer, about: part, vhost, into: &model, &policies)
            }
        }
    }

    private enum Answer: Sendable {
        case exchange(ExchangeInfo)
        case bindings([BindingInfo])
        case queue(QueueInfo)
    }

    private func answers(
        about parts: some Collection<RoutingModel.Part>, _ vhost: Name
    ) async -> [(RoutingModel.Part, Result<Answer, ManagementError>)] {
        await withTaskGroup(of: (RoutingModel.Part, Result<Answer, ManagementError>).self) { group in
            var waiting = parts.makeIterator()
            func start(_ part: RoutingModel.Part) {
                group.addTask { (part, await answer(about: part, vhost)) }
            }
            for _ in 0..<Self.mostAtOnce { if let part = waiting.next() { start(part) } }
            var answers: [(RoutingModel.Part, Result<Answer, ManagementError>)] = []
            for await answer in group {
                answers.append(answer)
                if let part = waiting.next() { start(part) }
            }
            return answers
        }
    }

    private func answer(about part: RoutingModel.Part, _ vhost: Name) async -> Result<Answer, ManagementError> {
        do throws(ManagementError) {
            switch part {
            case .exchange(let name):
                return .success(.exchange(try await client.exchange(vhost: vhost, name: name).exchange))
            case .bindings(let name):
                return .success(.bindings(try await client.bindings(vhost: vhost, sourceExchange: name).items))
            case .queue(let name): return .success(.queue(try await queue(name, vhost)))
            }
        } catch {
            return .failure(error)
        }
    }

    private func queue(_ name: Name, _ vhost: Name) async throws(ManagementError) -> QueueInfo {
        do throws(ManagementError) {
            return try await client.queue(vhost: vhost, name: name).queue
        } catch {
            // A queue whose node is down is missing by itself, and listed nevertheless.
            guard case .notFound = error.code, !name.isEmpty,
                let listed = try? await client.queues(.named(name), vhost: vhost, mode: .basic).items,
                let row = listed.first(where: { $0.name == name && $0.vhost == vhost })
            else { throw error }
            return row
        }
    }

    private func take(
        _ answer: Result<Answer, ManagementError>, about part: RoutingModel.Part, _ vhost: Name,
        into model: inout RoutingModel, _ policies: inout Result<[Name: PolicyInfo], ManagementError>?
    ) async throws(ManagementError) {
        switch answer {
        case .success(.exchange(let row)):
            var policy: PolicyInfo?
            var missing: String?
            if let name = row.policy, RoutingModel.Exchange.needsPolicy(row) {
                let known: Result<[Name: PolicyInfo], ManagementError>
                if let policies { known = policies } else { known = await self.policies(of: vhost) }
                policies = known
                switch known {
                case .success(let found): policy = found[name]
                case .failure(let error): missing = "its policy \(name.text) cannot be read: \(error.whatHappened)"
                }
            }
            model.take(RoutingModel.Exchange(row, policy: policy, missing: missing), named: row.name)
        case .success(.bindings(let rows)):
            if case .bindings(let source) = part { model.take(rows.map { RoutingModel.Binding($0) }, of: source) }
        case .success(.queue(let row)): model.take(RoutingModel.Queue(row), named: row.name)
        case .failure(let error):
            switch (error.code, part) {
            case (.notFound, .exchange(let name)): model.take(nil as RoutingModel.Exchange?, named: name)
            case (.notFound, .bindings(let name)): model.take([], of: name)
            case (.notFound, .queue(let name)): model.take(nil as RoutingModel.Queue?, named: name)
            case (.unreachable, _), (.timedOut, _), (.tlsFailed, _), (.noCredentials, _), (.badCredentials, _),
                (.cancelled, _):
                throw error
            default: model.lacks(part, why: error.whatHappened)
            }
        }
    }

    /// Returns the policies of a vhost. All may list them who may see the vhost; a single one takes a policymaker.
    private func policies(of vhost: Name) async -> Result<[Name: PolicyInfo], ManagementError> {
        do throws(ManagementError) {
            let list = try await client.policies(vhost: vhost).items
            return .success(Dictionary(list.map { ($0.name, $0) }) { first, _ in first })
        } catch {
            return .failure(error)
        }
    }

    /// An exchange or queue is missing, too, when its vhost is.
    private func checkVhost(_ vhost: Name, _ trace: RouteTrace) async throws(ManagementError) {
        let isMissing = trace.route.deadEnds.contains { end in
            switch end.reason {
            case .noExchange(isEntry: true), .noQueue: true
            case .noExchange(isEntry: false), .isInternal, .noMatch, .badHeader: false
            }
        }
        guard isMissing, trace.route.arrivals.isEmpty else { return }
        do throws(ManagementError) {
            _ = try await client.vhost(vhost)
        } catch {
            if case .notFound = error.code { throw error }
            // Whoever may not ask for the vhost has been answered about what is in it.
        }
    }
}
