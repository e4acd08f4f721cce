import NIOHTTP1
public import Names

/// Declaring queues, exchanges and bindings. On a read-only client each throws ``ManagementError/Code/readOnly``.
extension ManagementClient {
    /// Declares a queue. One that exists with other settings is a refusal (400) that names one of them.
    ///
    /// - Parameter arguments: with `x-queue-type` for another type than the vhost's default.
    public func declareQueue(
        vhost: some NameConvertible, name: some NameConvertible, isDurable: Bool, isAutoDelete: Bool,
        arguments: [Name: JSONValue]
    ) async throws(ManagementError) {
        let body: [Name: JSONValue] = [
            "durable": .bool(isDurable), "auto_delete": .bool(isAutoDelete), "arguments": .object(arguments),
        ]
        try await change(.PUT, RequestPath("queues", vhost, name), body: .object(body))
    }

    /// Declares an exchange. One that exists with other settings is a refusal (400) that names one of them.
    public func declareExchange(
        vhost: some NameConvertible, name: some NameConvertible, type: String, isDurable: Bool, isAutoDelete: Bool,
        isInternal: Bool, arguments: [Name: JSONValue]
    ) async throws(ManagementError) {
        let body: [Name: JSONValue] = [
            "type": .string(type), "durable": .bool(isDurable), "auto_delete": .bool(isAutoDelete),
            "internal": .bool(isInternal), "arguments": .object(arguments),
        ]
        try await change(.PUT, RequestPath("exchanges", vhost, name), body: .object(body))
    }

    /// Binds a queue or an exchange to an exchange.
    public func bind(
        vhost: some NameConvertible, source: some NameConvertible, _ kind: BindingInfo.Destination,
        _ destination: some NameConvertible, routingKey: Name, arguments: [Name: JSONValue]
    ) async throws(ManagementError) {
        let body: [Name: JSONValue] = [
            "routing_key": .string(routingKey.text), "arguments": .object(arguments),
        ]
        try await change(
            .POST, RequestPath("bindings", vhost, "e", source, kind.segment, destination), body: .object(body))
    }

    /// Returns the bindings of an exchange to one queue or exchange.
    public func bindings(
        vhost: some NameConvertible, source: some NameConvertible, _ kind: BindingInfo.Destination,
        _ destination: some NameConvertible
    ) async throws(ManagementError) -> ObjectList<BindingInfo> {
        try await list(RequestPath("bindings", vhost, "e", source, kind.segment, destination))
    }

    /// Removes a binding. Does nothing for one without the key that the API knows it by.
    public func unbind(_ binding: BindingInfo) async throws(ManagementError) {
        guard let key = binding.propertiesKey else { return }
        try await change(
            .DELETE,
            RequestPath(
                "bindings", binding.vhost, "e", binding.source, binding.destinationKind.segment, binding.destination,
                key))
    }
}

extension BindingInfo.Destination {
    /// How paths name the kind.
    fileprivate var segment: Name {
        switch self {
        case .queue: "q"
        case .exchange: "e"
        }
    }
}
