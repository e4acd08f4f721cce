public import Foundation
import Names

// Names of clients that become known after their entries were recorded.
extension Ledger {
    /// Seconds by which the order of entries may differ from the order of their times.
    private static let disorder = 60.0

    /// Adds a client's names to the entries of its connection that were recorded without them.
    ///
    /// - Parameters:
    ///   - client: The connection with its client's name, user and vhost.
    ///   - since: When the first such entry happened; earlier ones are about another connection of the same name.
    public mutating func complete(_ client: ClientIdentity, since: Date) {
        guard let connection = client.connection, let clientName = client.clientName else { return }
        for index in (0..<count).reversed() {
            let entry = self[index]
            if entry.at < since.addingTimeInterval(-Self.disorder) { break }
            guard entry.at >= since, entry.clientName == nil, let own = entry.connection,
                own.hasSameBytes(as: connection)
            else { continue }
            edit(entry.id) { entry in
                entry.clientName = clientName
                entry.user = entry.user ?? client.user
                entry.vhost = entry.vhost ?? client.vhost
                entry.shorten()
                // Recoveries of a fault are measured for the application as it was known then.
                if entry.fault == nil { entry.application = entry.clientIdentity.application?.name }
            }
        }
    }
}
