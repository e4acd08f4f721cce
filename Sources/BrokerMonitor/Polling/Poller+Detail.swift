import Foundation
import Names
import RabbitMQManagement
import TopCore

extension Poller {
    /// Requests everything about the row whose details are open.
    func pollDetail() async throws(ManagementError) {
        guard let row = interest.detail else { return }
        let sections: [DetailSection]
        var isGone = false
        do throws(ManagementError) {
            if let vhost = row.vhost, !mayOpen(vhost) {
                sections = Self.noAccessSections(vhost)
            } else {
                sections = try await asking(row.vhost) { () async throws(ManagementError) in
                    try await self.sections(of: row)
                }
            }
        } catch {
            switch (error.code, row.vhost) {
            case (.notFound, _):
                sections = [DetailSection(title: "Gone", fields: [DetailField("", "The broker no longer knows it.")])]
                isGone = true
            case (.notPermitted, let vhost?): sections = Self.noAccessSections(vhost)
            default: throw error
            }
        }
        guard !sections.isEmpty else { return }
        inbox.post(.detail(DetailPart(at: clock.date(), row: row, sections: sections, isGone: isGone)))
    }

    private static func noAccessSections(_ vhost: Name) -> [DetailSection] {
        [
            DetailSection(
                title: "No access",
                fields: [
                    DetailField("", "This user has no access to vhost '\(vhost)'."),
                    DetailField("", "rabbitmqctl set_permissions -p '\(vhost)' USER '^$' '^$' '.*'"),
                ])
        ]
    }

    private func sections(of row: RowID) async throws(ManagementError) -> [DetailSection] {
        switch row {
        case .queue(let id):
            let detail = try await management.queue(vhost: id.vhost, name: id.name)
            let bindings = try await management.bindings(vhost: id.vhost, queue: id.name).items
            return DetailSections.queue(detail, bindings: bindings)
        case .connection(let name):
            let connection = try await management.connection(name)
            return DetailSections.connection(connection)
        case .channel(let id):
            return DetailSections.channel(try await management.channel(id.name))
        case .consumer(let id):
            let detail = try await management.queue(vhost: id.queue.vhost, name: id.queue.name)
            let rows = ConsumerRow.rows(of: detail.consumers)
            let consumer = zip(detail.consumers, rows).first { $1.id == id }?.0
            return consumer.map(DetailSections.consumer) ?? []
        case .exchange(let id):
            let exchange = try await management.exchange(vhost: id.vhost, name: id.name)
            let out = try await management.bindings(vhost: id.vhost, sourceExchange: id.name).items
            let into =
                id.name.isEmpty
                ? [] : try await management.bindings(vhost: id.vhost, destinationExchange: id.name).items
            return DetailSections.exchange(exchange, out: out, into: into)
        case .node(let name):
            return DetailSections.node(try await management.node(name))
        case .overview, .event, .client, .lab, .named:
            return []
        }
    }
}

extension RowID {
    /// The vhost that the user needs access to for its details.
    var vhost: Name? {
        switch self {
        case .queue(let id), .exchange(let id): id.vhost
        case .consumer(let id): id.queue.vhost
        case .overview, .connection, .channel, .node, .event, .client, .lab, .named: nil
        }
    }
}
