import Faults
import Names

/// Maps a connection's name or Erlang process to its client, as learned from the log, the events and the management
/// API. The number of names is bounded: a name that is not used for two rounds of `capacity` is forgotten.
struct ClientNames: Sendable {
    struct Client: Sendable, Equatable {
        var clientName: String?
        var user: String?
        var vhost: String?
    }

    let capacity: Int
    /// The highest size of a round's names, in bytes.
    let byteCapacity: Int
    private var youngBytes = 0
    private var youngProcessBytes = 0
    private var young: [Name: Client] = [:]
    private var old: [Name: Client] = [:]
    private var youngProcesses: [Name: String] = [:]
    private var oldProcesses: [Name: String] = [:]

    init(capacity: Int = 10_000, byteCapacity: Int = 4 << 20) {
        self.capacity = capacity
        self.byteCapacity = byteCapacity
    }

    var count: Int { young.count + old.count + youngProcesses.count + oldProcesses.count }

    subscript(connection: String) -> Client? { young[Name(connection)] ?? old[Name(connection)] }

    /// Returns the connection with this process.
    func connection(ofProcess process: String) -> String? {
        youngProcesses[Name(process)] ?? oldProcesses[Name(process)]
    }

    mutating func note(connection: String, clientName: String? = nil, user: String? = nil, vhost: String? = nil) {
        let connection = connection.shortened(to: String.longestName)
        var client = self[connection] ?? Client()
        client.clientName = clientName?.shortened(to: String.longestName) ?? client.clientName
        client.user = user?.shortened(to: String.longestName) ?? client.user
        client.vhost = vhost?.shortened(to: String.longestName) ?? client.vhost
        if young.count >= capacity || youngBytes >= byteCapacity {
            old = young
            young = [:]
            youngBytes = 0
        }
        if young.updateValue(client, forKey: Name(connection)) == nil {
            youngBytes += [connection, client.clientName, client.user, client.vhost].reduce(128) {
                $0 + ($1?.utf8.count ?? 0)
            }
        }
    }

    mutating func note(process: String, connection: String) {
        let process = process.shortened(to: String.longestName)
        let connection = connection.shortened(to: String.longestName)
        if youngProcesses.count >= capacity || youngProcessBytes >= byteCapacity {
            oldProcesses = youngProcesses
            youngProcesses = [:]
            youngProcessBytes = 0
        }
        if youngProcesses.updateValue(connection, forKey: Name(process)) == nil {
            youngProcessBytes += 64 + process.utf8.count + connection.utf8.count
        }
    }

    mutating func forget(connection: String) {
        young[Name(connection)] = nil
        old[Name(connection)] = nil
    }

    /// Adds to an entry what is known of its client.
    func complete(_ entry: inout LedgerEntry) {
        guard let connection = entry.connection, let client = self[connection] else { return }
        entry.clientName = entry.clientName ?? client.clientName
        entry.user = entry.user ?? client.user
        entry.vhost = entry.vhost ?? client.vhost
    }

    func complete(_ clientIdentity: inout ClientIdentity) {
        guard let connection = clientIdentity.connection, let client = self[connection] else { return }
        clientIdentity.clientName = clientIdentity.clientName ?? client.clientName
        clientIdentity.user = clientIdentity.user ?? client.user
        clientIdentity.vhost = clientIdentity.vhost ?? client.vhost
    }
}
