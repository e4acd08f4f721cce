import RabbitMQClient

extension Channel {
    func declare(_ declaration: Declaration) async throws(ClientError) {
        switch declaration {
        case .exchange(let exchange):
            try await declareExchange(exchange.name, type: exchange.kind.rawValue, durable: true)
        case .queue(let queue):
            _ = try await declareQueue(
                queue.name, durable: queue.isDurable, exclusive: queue.isExclusive, autoDelete: queue.isExclusive,
                arguments: queue.declaredArguments)
        case .binding(let binding):
            switch binding.destination {
            case .queue(let name):
                try await bindQueue(
                    name, exchange: binding.source, routingKey: binding.routingKey, arguments: binding.arguments)
            case .exchange(let name):
                try await bindExchange(
                    name, source: binding.source, routingKey: binding.routingKey, arguments: binding.arguments)
            }
        }
    }
}
