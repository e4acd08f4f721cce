import Faults

/// Which client is behind a connection's name or Erlang process, as far as the log, the events and the management API
/// told it. Bounded: what was not seen again for two rounds of `capacity` is forgotten.
struct ClientNames: Sendable {
    struct Client: Sendable, Equatable {
        var clientName: String?
        var user: String?
        var vhost: String?
    }

    let capacity: Int
    private var young: [String: Client] = [:]
    private var old: [String: Client] = [:]
    private var youngProcesses: [String: String] = [:]
    private var oldProcesses: [String: String] = [:]

    init(capacity: Int = 10_000) {
        self.capacity = capacity
    }

    var count: Int { young.count + old.count + youngProcesses.count + oldProcesses.count }

    subscript(connection: String) -> Client? { young[connection] ?? old[connection] }

    /// The connection whose process this is.
    func connection(ofProcess process: String) -> String? { youngProcesses[process] ?? oldProcesses[process] }

    mutating func note(connection: String, clientName: String? = nil, user: String? = nil, vhost: String? = nil) {
        var client = self[connection] ?? Client()
        client.clientName = clientName ?? client.clientName
        client.user = user ?? client.user
        client.vhost = vhost ?? client.vhost
        if young.count >= capacity {
            old = young
            young = [:]
        }
        young[connection] = client
    }

    mutating func note(process: String, connection: String) {
        if youngProcesses.count >= capacity {
            oldProcesses = youngProcesses
            youngProcesses = [:]
        }
        youngProcesses[process] = connection
    }

    mutating func forget(connection: String) {
        young[connection] = nil
        old[connection] = nil
    }

    /// Adds what is known of the entry's client.
    func complete(_ entry: inout LedgerEntry) {
        guard let connection = entry.connection, let client = self[connection] else { return }
        entry.clientName = entry.clientName ?? client.clientName
        entry.user = entry.user ?? client.user
        entry.vhost = entry.vhost ?? client.vhost
    }

    func complete(_ party: inout Party) {
        guard let connection = party.connection, let client = self[connection] else { return }
        party.clientName = party.clientName ?? client.clientName
        party.user = party.user ?? client.user
        party.vhost = party.vhost ?? client.vhost
    }
}
