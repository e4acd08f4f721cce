import Names
import RabbitMQManagement
import TopCore

// Requests for a single vhost: a user without access is refused, and the broker logs each refusal.
extension Poller {
    /// Sends a request for one vhost, and records whether the user was refused there; with `nil` it is for all vhosts.
    ///
    /// - Throws: without a request, if it is known that the user would be refused.
    func asking<Answer>(
        _ vhost: Name?, _ request: () async throws(ManagementError) -> Answer
    ) async throws(ManagementError) -> Answer {
        guard let vhost else { return try await request() }
        guard access?.contains(vhost) ?? true, refusals.mayAsk(vhost, .http, at: clock.uptime()) else {
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

    /// Records a refusal, or an answer that is not one.
    func note(_ error: ManagementError, in vhost: Name) {
        switch error.code {
        case .notPermitted: refusals.refused(vhost, .http, at: clock.uptime())
        case .notFound: refusals.admitted(vhost, .http)
        default: break
        }
    }

    /// Records that the user was refused in a vhost over AMQP.
    func noteRefusal(in vhost: Name) { refusals.refused(vhost, .amqp, at: clock.uptime()) }

    /// Returns the error with which the broker would refuse a request.
    func refusal(in vhost: Name) -> ManagementError {
        ManagementError(
            .notPermitted, request: "vhost '\(vhost)'", address: configuration.management.address.description)
    }

    /// Returns the first vhost named by a request to which the user has no access.
    func closedVhost(of ask: Ask) -> Name? {
        let vhosts: [Name?] =
            switch ask {
            case .cheap, .page, .downQueues, .exchanges, .bindings: [interest.vhost]
            case .consumers: [consumersVhost]
            case .rich: interest.queues.map(\.vhost)
            case .detail: [interest.detail?.vhost]
            case .route: [interest.route?.vhost]
            case .pulse, .cluster, .vhosts, .bulk, .live, .connections, .channels, .client, .attached, .whole,
                .suspects, .configuration:
                []
            }
        return vhosts.compactMap { $0 }.first {
            access?.contains($0) == false || refusals.holds($0, .http, at: clock.uptime())
        }
    }

    /// The vhost whose consumers are requested.
    var consumersVhost: Name? {
        if case .queue(let id)? = interest.scope { id.vhost } else { interest.vhost }
    }
}
