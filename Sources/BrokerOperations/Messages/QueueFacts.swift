import BrokerMonitor
public import Names
public import RabbitMQClient
public import RabbitMQManagement
import TopCore

/// What is known of a queue before messages are taken from it. What only the management API tells is nil without it.
public struct QueueFacts: Sendable {
    /// `classic`, `quorum` or `stream`.
    public var type: String?
    /// Messages that can be taken.
    public var ready: Int
    /// Messages that consumers hold unacknowledged; they cannot be taken.
    public var unacknowledged: Int?
    /// Consumers, which take messages at the same time.
    public var consumers: Int
    /// How often a message may be delivered.
    public var deliveryLimit: Int?
    /// Whether a message that is looked at and returned counts as delivered.
    public var countsLooks: Bool?
    /// Whether the messages survive a restart of the broker as far as the queue is concerned.
    public var isDurable: Bool?
    /// Where the queue dead-letters to: the exchange and the routing key, if it has one of its own.
    public var deadLetterExchange: Name?
    public var deadLetterKey: Name?

    /// Whether reading takes nothing from it.
    public var isStream: Bool { type == "stream" }
    /// The delivery limit, if looking at a message uses it up.
    public var limitOfLooks: Int? { countsLooks == false ? nil : deliveryLimit }

    /// Asks the broker.
    ///
    /// - Parameter management: the management API of the same broker, if it is known.
    /// - Throws: `ClientError` if the broker cannot be reached over AMQP, or does not have the queue.
    public static func ask(
        _ queue: Name, _ address: ConnectionConfiguration, management: ManagementConfiguration?
    ) async throws(ClientError) -> QueueFacts {
        var address = address
        address.recovery = .off
        address.connectionName = "\(address.connectionName ?? "rabbittop messages") asking"
        let connection = try await Connection.connect(address)
        let declared: QueueDeclared
        do throws(ClientError) {
            declared = try await connection.openChannel().declareQueuePassive(queue)
            await connection.close(timeout: .milliseconds(500))
        } catch {
            await connection.close(timeout: .milliseconds(500))
            throw error
        }
        var facts = QueueFacts(ready: Int(declared.messageCount), consumers: Int(declared.consumerCount))
        if let management { await facts.add(queue, vhost: Name(address.virtualHost), management) }
        return facts
    }

    init(ready: Int, consumers: Int) {
        self.ready = ready
        self.consumers = consumers
    }

    /// Adds what the management API tells, if it answers.
    private mutating func add(_ queue: Name, vhost: Name, _ management: ManagementConfiguration) async {
        guard let client = try? ManagementClient(configuration: management) else { return }
        if let info = try? await client.queue(vhost: vhost, name: queue).queue {
            let version = BrokerVersion((try? await client.overview())?.brokerVersion)
            type = info.type
            unacknowledged = info.messagesUnacknowledged.value.map(Int.init(clamping:))
            deliveryLimit = QueueDetails(info, majorVersion: version?.major).deliveryLimit
            countsLooks = version?.countsLooks
            isDurable = info.isDurable
            deadLetterExchange = Name(
                info.arguments["x-dead-letter-exchange"]?.text ?? info.effectivePolicy["dead-letter-exchange"]?.text)
            deadLetterKey = Name(
                info.arguments["x-dead-letter-routing-key"]?.text
                    ?? info.effectivePolicy["dead-letter-routing-key"]?.text)
        }
        await client.shutdown()
    }
}
