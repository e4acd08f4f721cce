import Experiments
import RabbitMQClient

/// The route of an experiment's messages: a durable exchange and queue, and optionally a second queue that another
/// program counts.
struct OrderRoute: Sendable {
    let exchange: String
    let queue: String
    /// A queue that the lab does not consume; it is deleted at the end of the run.
    let audit: String?

    static let routingKey = "order"

    /// The setting that every experiment on this route has.
    static let auditSetting = ExperimentDescription.Setting(
        "audit", .flag(false), "Route each message to a second queue, too, which the lab leaves alone")

    /// Declares exchange and queues, over a connection of their own.
    static func make(_ context: LabContext, audited: Bool) async throws(LabError) -> OrderRoute {
        let route = OrderRoute(
            exchange: context.unique("orders-in"), queue: context.unique("orders"),
            audit: audited ? context.unique("audit") : nil)
        var configuration = context.broker.configuration(name: "lab set-up")
        configuration.recovery = .off
        do throws(ClientError) {
            let connection = try await Connection.connect(configuration, on: context.group)
            do throws(ClientError) {
                let channel = try await connection.openChannel()
                // Deleted with its last queue.
                try await channel.declareExchange(route.exchange, type: "fanout", durable: true, autoDelete: true)
                do throws(ClientError) {
                    for queue in [route.queue] + (route.audit.map { [$0] } ?? []) {
                        // Recorded first, so that the queue is known as the run's own even if a later step fails.
                        context.recorder.watch(queue: queue)
                        _ = try await channel.declareQueue(queue, durable: true)
                        try await channel.bindQueue(queue, exchange: route.exchange)
                    }
                } catch {
                    // Without a binding it would never be deleted.
                    if let other = try? await connection.openChannel() {
                        try? await other.deleteExchange(route.exchange)
                    }
                    throw error
                }
                await connection.close()
            } catch {
                await connection.close()
                throw error
            }
        } catch {
            throw LabError(error)
        }
        return route
    }

    /// Returns the number of ready messages in the queue; nil if the broker does not answer.
    func depth(over connection: Connection) async -> Int? {
        guard let channel = try? await connection.openChannel() else { return nil }
        let declared = try? await channel.declareQueuePassive(queue)
        try? await channel.close()
        return declared.map { Int($0.messageCount) }
    }
}
