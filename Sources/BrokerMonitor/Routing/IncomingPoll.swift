import Foundation
import Names
import RabbitMQManagement
import TopCore

/// Asks where the messages of a queue or an exchange come from.
struct IncomingPoll {
    /// The most exchanges that are asked for their channels and for what leads to them.
    private static let mostExchanges = 20
    /// The most bindings of a queue, and the most channels, that are kept.
    private static let mostKept = 1_000

    let client: ManagementClient

    /// Returns what is known of a queue: its bindings, what leads to their exchanges, and the channels that publish to
    /// an exchange that has passed messages on to it.
    ///
    /// - Throws: `ManagementError` if the queue or its bindings are not told.
    func part(ofQueue id: EntityID, at: Date) async throws(ManagementError) -> IncomingPart {
        var part = IncomingPart(at: at, row: .queue(id))
        let detail = try await client.queue(vhost: id.vhost, name: id.name)
        let bindings = try await client.bindings(vhost: id.vhost, queue: id.name).items
        part.bindings = bindings.filter { !$0.source.isEmpty }.prefix(Self.mostKept).map { BindingRow($0) }
        let direct = unique(part.bindings.map(\.source))
        part.farther = try await exchanges(leadingTo: direct, in: id.vhost, &part.isCut)
        // Messages count for the exchange that they were published to. Without such counts it may be any of them.
        let told = unique(detail.incoming.compactMap { $0.exchange?.name })
        let publishedTo = told.isEmpty ? [""] + direct + part.farther.sorted() : told
        let asked = unique(publishedTo + direct)
        if asked.count > Self.mostExchanges { part.isCut = true }
        for name in asked.prefix(Self.mostExchanges) {
            guard let exchange = try await exchange(name, in: id.vhost) else { continue }
            part.kinds[name] = exchange.exchange.type
            if publishedTo.contains(name) { part.add(exchange) }
        }
        part.sort(keeping: Self.mostKept)
        return part
    }

    /// Returns the channels that publish to an exchange.
    ///
    /// - Throws: `ManagementError` if the exchange is not told.
    func part(ofExchange id: EntityID, at: Date) async throws(ManagementError) -> IncomingPart {
        var part = IncomingPart(at: at, row: .exchange(id))
        part.add(try await client.exchange(vhost: id.vhost, name: id.name))
        part.sort(keeping: Self.mostKept)
        return part
    }

    /// Returns an exchange; nil for one that is gone.
    private func exchange(_ name: Name, in vhost: Name) async throws(ManagementError) -> ExchangeDetail? {
        do throws(ManagementError) {
            return try await client.exchange(vhost: vhost, name: name)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// Returns the exchanges that lead to others by bindings, those without the first ones.
    private func exchanges(
        leadingTo first: [Name], in vhost: Name, _ isCut: inout Bool
    ) async throws(ManagementError) -> Set<Name> {
        var found: Set<Name> = []
        var waiting = first
        var asked: Set<Name> = []
        while let name = waiting.popLast() {
            guard asked.count < Self.mostExchanges else {
                isCut = true
                break
            }
            guard asked.insert(name).inserted else { continue }
            for binding in try await client.bindings(vhost: vhost, destinationExchange: name).items
            where found.insert(binding.source).inserted {
                waiting.append(binding.source)
            }
        }
        return found
    }

    private func unique(_ names: [Name]) -> [Name] {
        var seen: Set<Name> = []
        return names.filter { seen.insert($0).inserted }
    }
}

extension IncomingPart {
    /// Adds the channels that publish to an exchange.
    fileprivate mutating func add(_ detail: ExchangeDetail) {
        let exchange = EntityID(vhost: detail.exchange.vhost, name: detail.exchange.name)
        for row in detail.incoming {
            guard let channel = row.channel,
                let id = ChannelRow.id(channel.name, number: channel.number, connection: channel.connectionName)
            else { continue }
            publishers.append(Publisher(channel: id, exchange: exchange, rate: row.stats?.publish.rate))
        }
    }

    /// Puts the busiest channels first, and keeps only so many.
    fileprivate mutating func sort(keeping most: Int) {
        publishers.sort { ($0.rate ?? -1) > ($1.rate ?? -1) }
        if publishers.count > most { publishers.removeLast(publishers.count - most) }
    }
}

extension Poller {
    /// Finds out where the messages of the queue or exchange come from whose list of places is open.
    func pollIncoming() async throws(ManagementError) {
        guard let row = interest.incoming, let vhost = row.vhost else { return }
        var part = IncomingPart(at: clock.date(), row: row)
        if mayOpen(vhost) {
            do throws(ManagementError) {
                let poll = IncomingPoll(client: management)
                part = try await asking(vhost) { () async throws(ManagementError) in
                    switch row {
                    case .queue(let id): try await poll.part(ofQueue: id, at: clock.date())
                    case .exchange(let id): try await poll.part(ofExchange: id, at: clock.date())
                    case .overview, .connection, .channel, .consumer, .node, .event, .client, .lab, .named:
                        IncomingPart(at: clock.date(), row: row)
                    }
                }
            } catch {
                switch error.code {
                case .notFound, .notPermitted: part.problem = error.whatHappened
                default: throw error
                }
            }
        } else {
            part.problem = "this user has no access to vhost '\(vhost)'"
        }
        inbox.post(.incoming(part))
    }
}
