extension Fault {
    /// The object that the fault selects, in a few words: `channel 3 of orders-service`; `nil` when it selects none.
    public var aim: String? {
        if let connection = selector.connection {
            return selector.channel.map { "channel \($0) of \(connection)" } ?? connection
        }
        let queue = selector.queue ?? named("queue")
        let exchange = selector.exchange ?? named("exchange")
        if let name = queue ?? exchange { return name }
        if let user = selector.user ?? named("user") { return "user \(user)" }
        if let vhost = selector.virtualHost ?? named("vhost") { return "vhost \(vhost)" }
        if let node = named("node") { return node }
        return selector.channel.map { "channels \($0)" }
    }

    private func named(_ parameter: String) -> String? {
        guard case .text(let text) = parameters[parameter], !text.isEmpty else { return nil }
        return text
    }
}
