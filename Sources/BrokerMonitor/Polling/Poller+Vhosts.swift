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
            case .incoming: [interest.incoming?.vhost]
            case .pulse, .cluster, .vhosts, .bulk, .live, .connections, .channels, .client, .attached, .whole, .named,
                .suspects, .configuration, .logs, .unroutable, .streamConsumers:
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

    // MARK: Hidden vhosts

    /// The most vhosts that are remembered as seen once.
    private static let mostVhosts = 2_000

    /// Learns which vhosts the lists leave out, and says so with the cluster, before the lists that lack them.
    ///
    /// A monitoring user sees the names of all vhosts. Others see only those that they have access to, so that one that
    /// is deleted looks like one that is hidden.
    func learnHidden() {
        guard let access else {
            // There are too many vhosts to know.
            hiddenVhosts = []
            return
        }
        if onceOpenVhosts.count + access.count > Self.mostVhosts { onceOpenVhosts = [] }
        onceOpenVhosts.formUnion(access)
        let existing = identity?.canMonitor == false ? onceOpenVhosts : Set((vhosts ?? []).map(\.name))
        let hidden = existing.subtracting(access)
        guard hidden != hiddenVhosts else { return }
        hiddenVhosts = hidden
        guard lastCluster != nil else { return }
        lastCluster?.hiddenVhosts = hidden.sorted()
        if let lastCluster { inbox.post(.cluster(lastCluster)) }
    }

    /// Notes of which vhosts a whole list has something. Where one is missing that the list had before, it is found out
    /// whether the user has lost the access to it: what is in it is unknown then, and not gone.
    func noteVhosts(_ vhosts: Set<Name>, of ask: Ask) async throws(ManagementError) {
        let before = listedVhosts.updateValue(vhosts, forKey: ask) ?? []
        guard !before.subtracting(vhosts).subtracting(hiddenVhosts).isEmpty else { return }
        do {
            try await pollVhosts()
        } catch {
            // Asked again with the next answer.
            listedVhosts[ask] = before
            throw error
        }
    }
}
