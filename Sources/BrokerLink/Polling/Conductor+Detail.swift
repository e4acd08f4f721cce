import Foundation
import RabbitMQManagement
import TopCore

extension Conductor {
    /// What is known of the row whose details are looked at.
    func pollDetail() async throws(ManagementError) {
        guard let row = interest.detail else { return }
        let sections: [DetailSection]
        do throws(ManagementError) {
            sections = try await self.sections(of: row)
        } catch {
            guard case .notFound = error.code else { throw error }
            sections = [DetailSection(title: "Gone", fields: [DetailField("", "The broker no longer knows it.")])]
        }
        guard !sections.isEmpty else { return }
        inbox.post(.detail(DetailPart(at: Date(), row: row, sections: sections)))
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
            let consumer = detail.consumers.first { TopCore.ConsumerRow($0).id == id }
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
        case .overview, .event, .client, .lab:
            return []
        }
    }
}
