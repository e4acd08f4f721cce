import NIOCore
import NIOHTTP1
public import Names

/// Requests that change something. On a read-only client each throws ``ManagementError/Code/readOnly``.
extension ManagementClient {
    /// Closes a client's connection; the client receives 320 CONNECTION_FORCED with the reason.
    ///
    /// - Parameter reason: sent as `X-Reason`; it appears at the client and in the broker's log. Control characters are
    ///   removed.
    public func closeConnection(_ name: some NameConvertible, reason: String) async throws(ManagementError) {
        var headers = HTTPHeaders()
        let printable = String(
            String.UnicodeScalarView(reason.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
        if !printable.isEmpty { headers.add(name: "X-Reason", value: printable) }
        try await change(.DELETE, RequestPath("connections", name), headers: headers)
    }

    /// Deletes a queue's ready messages. The broker refuses this for streams (400).
    public func purge(vhost: some NameConvertible, queue: some NameConvertible) async throws(ManagementError) {
        try await change(.DELETE, RequestPath("queues", vhost, queue, "contents"))
    }

    /// Deletes a queue.
    ///
    /// - Parameters:
    ///   - ifUnused: whether to refuse (400) if it has consumers.
    ///   - ifEmpty: whether to refuse (400) if it has messages.
    public func deleteQueue(
        vhost: some NameConvertible, name: some NameConvertible, ifUnused: Bool = false, ifEmpty: Bool = false
    ) async throws(ManagementError) {
        var items: [(String, Name)] = []
        if ifUnused { items.append(("if-unused", "true")) }
        if ifEmpty { items.append(("if-empty", "true")) }
        try await change(.DELETE, RequestPath("queues", vhost, name).adding(items))
    }

    /// Deletes an exchange.
    ///
    /// - Parameter ifUnused: whether to refuse (400) if it has bindings.
    public func deleteExchange(vhost: some NameConvertible, name: some NameConvertible, ifUnused: Bool = false)
        async throws(ManagementError)
    {
        let path = RequestPath("exchanges", vhost, Self.exchangeSegment(name.asName))
        try await change(.DELETE, ifUnused ? path.adding([("if-unused", "true")]) : path)
    }

    /// Fetches messages from a queue. The broker refuses this for streams (400).
    ///
    /// Every mode changes the queue: a requeued message has been delivered once more, and a quorum queue's delivery
    /// limit (20 by default since 4.0) finally dead-letters or drops it.
    ///
    /// - Parameter truncate: the number of bytes of each body to return; nil for all.
    public func getMessages(
        vhost: some NameConvertible, queue: some NameConvertible, count: Int, ackMode: FetchAckMode,
        truncate: Int? = 50_000
    ) async throws(ManagementError) -> ObjectList<FetchedMessage> {
        var body: [Name: JSONValue] = [
            "count": .integer(Int64(max(1, count))), "ackmode": .string(ackMode.rawValue), "encoding": .string("auto"),
        ]
        if let truncate { body["truncate"] = .integer(Int64(max(0, truncate))) }
        return try await rows(
            of: try await change(.POST, RequestPath("queues", vhost, queue, "get"), body: .object(body)))
    }
}
