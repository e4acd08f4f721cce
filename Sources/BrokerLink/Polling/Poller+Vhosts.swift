import Names
import RabbitMQManagement
import TopCore

// What is asked of one vhost alone: a user without access is refused, and each refusal is in the broker's log.
extension Poller {
    /// Asks something of one vhost, and remembers whether the user was refused there; `nil` asks of all.
    ///
    /// - Throws: without a request, where it is known that the user would be refused.
    func asking<Answer>(
        _ vhost: Name?, _ request: () async throws(ManagementError) -> Answer
    ) async throws(ManagementError) -> Answer {
        guard let vhost else { return try await request() }
        guard access?.contains(vhost) ?? true, refusals.mayAsk(vhost, .http, at: Uptime.now) else {
            throw refusal(in: vhost)
        }
        do throws(ManagementError) {
            let answer = try await request()
            refusals.admitted(vhost, .http)
            return answer
        } catch {
            note(error, in: vhost)
            throw error
        }
    }

    /// Remembers a refusal, or that it was none.
    func note(_ error: ManagementError, in vhost: Name) {
        switch error.code {
        case .notPermitted: refusals.refused(vhost, .http, at: Uptime.now)
        case .notFound: refusals.admitted(vhost, .http)
        default: break
        }
    }

    /// Over AMQP the user was refused in a vhost.
    func noteRefusal(in vhost: Name) { refusals.refused(vhost, .amqp, at: Uptime.now) }

    /// What the broker would say if it were asked.
    func refusal(in vhost: Name) -> ManagementError {
        ManagementError(
            .notPermitted, request: "vhost '\(vhost)'", address: configuration.management.address.description)
    }

    /// The vhost to which the user has no access, of those that an ask names.
    func closedVhost(of ask: Ask) -> Name? {
        let vhosts: [Name?] =
            switch ask {
            case .cheap, .page, .downQueues, .exchanges, .bindings: [interest.vhost]
            case .consumers: [consumersVhost]
            case .rich: interest.queues.map(\.vhost)
            case .detail: [interest.detail?.vhost]
            case .pulse, .cluster, .vhosts, .bulk, .live, .connections, .channels, .client, .attached: []
            }
        return vhosts.compactMap { $0 }.first {
            access?.contains($0) == false || refusals.holds($0, .http, at: Uptime.now)
        }
    }

    /// The vhost that the consumers are asked of.
    var consumersVhost: Name? {
        if case .queue(let id)? = interest.scope { id.vhost } else { interest.vhost }
    }
}
