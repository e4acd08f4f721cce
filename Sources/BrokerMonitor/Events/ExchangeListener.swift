import Foundation
import Names
import RabbitMQClient
import RabbitMQManagement
import TopCore

/// Consumes from the broker's log exchange and event exchange, over a connection of its own.
struct ExchangeListener: Sendable {
    /// Returns the AMQP address; `nil` while it is not known yet.
    typealias Address = @Sendable () async -> ConnectionConfiguration?

    /// The highest number of entries that wait in the broker's queue.
    static let queueLimit: Int64 = 20_000
    static let retry = 1.0
    static let ping = 1.0

    static let logAdvice =
        "Set log.exchange = true and log.file.level = info in rabbitmq.conf (the first alone switches the log file off)."
    static let eventAdvice = "rabbitmq-plugins enable rabbitmq_event_exchange"

    let address: Address
    /// Whether the user has access to a vhost, as far as that is known.
    let mayOpen: @Sendable (_ vhost: Name) async -> Bool
    /// Called with a vhost that the user may not open.
    let onRefusal: @Sendable (_ vhost: Name) async -> Void
    let entrance: AMQPEntrance
    let sourceHealth: SourceHealth
    let aggregator: EventAggregator
    let management: ManagementClient
    let connectionName: String
    /// Signalled when something else found the broker dead or alive.
    let wakeSignal: WakeSignal
    let clock: MonitorClock
    /// Called when the broker seems dead.
    let onLoss: @Sendable () async -> Void

    /// Both exchanges are in the default virtual host.
    static let vhost: Name = "/"

    /// Why listening ended.
    private enum Ending {
        case lost(ClientError)
        /// Neither exchange can be consumed from.
        case nothing(ListenerPause.Reason)
        /// A consumer ended, or the task was cancelled.
        case again
    }

    private enum Exchange: CaseIterable {
        case log, event

        var name: Name { self == .log ? "amq.rabbitmq.log" : "amq.rabbitmq.event" }
        var source: SourceName { self == .log ? .logExchange : .eventExchange }
        var keys: [String] { self == .log ? ["error", "warning", "info"] : EventExchangeParser.bindings }
        var advice: String { self == .log ? ExchangeListener.logAdvice : ExchangeListener.eventAdvice }
    }

    /// Listens until the task is cancelled, and reconnects whenever necessary.
    func run() async {
        for exchange in Exchange.allCases { sourceHealth.set(exchange.source, .connecting, interval: 1) }
        var pause = ListenerPause()
        var last: ListenerPause.Reason?
        var known = Exchange.allCases
        while !Task.isCancelled {
            guard let configuration = await address() else {
                await wakeSignal.wait(atMost: Self.retry)
                continue
            }
            let reason = await attempt(configuration, &pause, &known, connectsFirst: last == .lost)
            last = reason
            if Task.isCancelled { break }
            guard let reason else {
                await wakeSignal.wait(atMost: Self.retry)
                continue
            }
            let seconds = pause.after(reason)
            if reason == .denied {
                // A signal that the broker is dead or alive says nothing about permissions.
                try? await clock.sleep(seconds)
            } else {
                await wakeSignal.wait(atMost: seconds)
            }
            // Several signals cause one attempt, and no more than a few per second.
            if !Task.isCancelled { try? await clock.sleep(0.1) }
        }
    }

    /// Connects and listens once.
    ///
    /// - Returns: why listening is not possible; `nil` to try again soon.
    private func attempt(
        _ address: ConnectionConfiguration, _ pause: inout ListenerPause, _ there: inout [Exchange], connectsFirst: Bool
    ) async -> ListenerPause.Reason? {
        var configuration = address
        configuration.virtualHost = Self.vhost.text
        configuration.connectionName = configuration.connectionName ?? "\(connectionName) news"
        configuration.connectTimeout = .milliseconds(1_500)
        configuration.operationTimeout = .milliseconds(1_500)
        // A crash report can be endless; more than this of one entry is never shown.
        configuration.keptBodySize = LogAssembler.maximumLength * 4
        configuration.consumerBufferSize = 8 << 20
        // The loop reconnects, and first checks whether the exchanges exist.
        configuration.recovery = .off
        guard await mayOpen(Self.vhost) else {
            for exchange in Exchange.allCases { sourceHealth.failed(exchange.source, Self.noAccess) }
            return .closed
        }
        // After a lost connection, the exchanges are not requested over HTTP every second while the broker does not
        // answer.
        if !connectsFirst { there = await present() }
        guard !there.isEmpty else { return .missing }
        let place = configuration.endpointText
        var wasHeard = false
        do throws(ClientError) {
            let connection = try await entrance.connect(configuration, .watching, registry: entrance.own.watching)
            if connectsFirst { there = await present() }
            let ending = await listen(on: connection, to: place, there) { wasHeard = true }
            await connection.close(timeout: .seconds(1))
            entrance.own.traffic.note(.connectionsClosed)
            if wasHeard { pause.succeeded() }
            switch ending {
            case .lost(let error): throw error
            case .nothing(let reason): return reason
            case .again: return nil
            }
        } catch {
            if Task.isCancelled { return nil }
            if error.isNoAccess {
                for exchange in Exchange.allCases { sourceHealth.failed(exchange.source, Self.noAccess) }
                await onRefusal(Self.vhost)
                return .denied
            }
            let trouble = entrance.trouble(error, at: place)
            fail(there, trouble)
            if error.code == .accessRefused { return .login }
            // The other parts check immediately, if the broker was known to be alive.
            if wasHeard { await onLoss() }
            return trouble.state == .denied ? .denied : .lost
        }
    }

    private static let noAccess = SourceHealth.Trouble(
        state: .denied, problem: "the user has no access to vhost '/', where the exchange is",
        advice: "rabbitmqctl set_permissions -p / USER '^amq[.]gen' '^amq[.]gen' '^amq[.](gen|rabbitmq)'")

    /// Returns the exchanges that exist, or may exist; the others are reported as missing.
    private func present() async -> [Exchange] {
        var there: [Exchange] = []
        for exchange in Exchange.allCases {
            if await isMissing(exchange) { tellMissing(exchange) } else { there.append(exchange) }
        }
        return there
    }

    private func tellMissing(_ exchange: Exchange) {
        let problem =
            exchange == .log
            ? "the broker logs to no exchange" : "the plugin rabbitmq_event_exchange is not enabled"
        sourceHealth.set(exchange.source, .notEnabled, problem, advice: exchange.advice)
    }

    /// Listens until the connection ends; returns immediately if no exchange can be consumed from.
    private func listen(
        on connection: Connection, to address: String, _ there: [Exchange], onHearing: () -> Void
    ) async -> Ending {
        await withTaskGroup(of: Ending.self) { tasks in
            var listening: [(exchange: Exchange, queue: Name)] = []
            var waiting = Exchange.allCases.filter { !there.contains($0) }
            var reason = ListenerPause.Reason.missing
            for exchange in there {
                do throws(ClientError) {
                    let bound = try await bind(exchange, on: connection)
                    listening.append((exchange, bound.queue))
                    tasks.addTask { await hear(exchange, bound.consumer) }
                } catch {
                    // The channel is closed, but the connection may still serve the other exchange.
                    guard connection.isOpen, error.code != .timeout else {
                        tasks.cancelAll()
                        return .lost(error)
                    }
                    waiting.append(exchange)
                    if tell(error, exchange) == .denied { reason = .denied }
                    // A user who may not declare a queue may not do so for the other exchange either; trying would log
                    // another error.
                    guard reason == .denied, error.closeReason?.text.contains("queue 'amq.gen") == true else {
                        continue
                    }
                    for other in there where other != exchange && !listening.contains(where: { $0.exchange == other }) {
                        sourceHealth.failed(other.source, trouble(error, other))
                        waiting.append(other)
                    }
                    break
                }
            }
            guard let first = listening.first else { return .nothing(reason) }
            onHearing()
            for exchange in waiting { tasks.addTask { await listenLater(exchange, on: connection) } }
            let heard = listening.map(\.exchange)
            tasks.addTask { await pingUntilLost(connection, to: address, queue: first.queue, heard) }
            let ending = await tasks.next() ?? .again
            tasks.cancelAll()
            return ending
        }
    }

    /// Reports on its source why an exchange is not consumed from.
    private func tell(_ error: ClientError, _ exchange: Exchange) -> ListenerPause.Reason {
        if error.closeReason?.code == 404 {
            tellMissing(exchange)
            return .missing
        }
        sourceHealth.failed(exchange.source, trouble(error, exchange))
        return .denied
    }

    /// Retries one exchange at growing intervals while the other is consumed from.
    private func listenLater(_ exchange: Exchange, on connection: Connection) async -> Ending {
        var pause = ListenerPause()
        var reason = sourceHealth.status(exchange.source)?.state == .denied ? ListenerPause.Reason.denied : .missing
        while !Task.isCancelled, connection.isOpen {
            try? await clock.sleep(pause.after(reason))
            if Task.isCancelled { break }
            if await isMissing(exchange) {
                tellMissing(exchange)
                reason = .missing
                continue
            }
            do throws(ClientError) {
                return await hear(exchange, try await bind(exchange, on: connection).consumer)
            } catch {
                guard connection.isOpen, error.code != .timeout else { return .lost(error) }
                reason = tell(error, exchange)
            }
        }
        return .again
    }

    private func trouble(_ error: ClientError, _ exchange: Exchange) -> SourceHealth.Trouble {
        if let reason = error.closeReason, reason.code == 403 {
            return .init(
                state: .denied,
                problem: "the user may not listen to \(exchange.name): "
                    + ReplyName.textWithoutName(reason.text, name: reason.name),
                advice: "It needs read on '\(exchange.name)' and all three on 'amq.gen-.*' in vhost '/'.")
        }
        return .init(
            state: .unreachable, problem: error.closeReason.map { "\($0.code) \($0.text)" } ?? error.message,
            advice: exchange.advice)
    }

    /// Declares and binds a queue that the broker deletes with the connection.
    private func bind(
        _ exchange: Exchange, on connection: Connection
    ) async throws(ClientError) -> (consumer: Consumer, queue: Name) {
        let channel = try await connection.openChannel()
        entrance.own.traffic.note(.channelsOpened)
        let queue = try await channel.declareQueue(
            exclusive: true, autoDelete: true,
            arguments: ["x-max-length": .int64(Self.queueLimit), "x-queue-type": "classic"])
        entrance.own.add(queue: queue.name)
        for key in exchange.keys {
            try await channel.bindQueue(queue.name, exchange: exchange.name, routingKey: key)
        }
        let consumer = try await channel.consume(queue.name, noAck: true, prefetch: 1_000)
        sourceHealth.answered(exchange.source, at: clock.date(), interval: 1)
        return (consumer, queue.name)
    }

    /// Whether the management API does not know the exchange. Binding a queue to a missing exchange would log an error
    /// on the broker; if the API gives no answer, it is tried.
    private func isMissing(_ exchange: Exchange) async -> Bool {
        do throws(ManagementError) {
            _ = try await management.exchange(vhost: Self.vhost, name: exchange.name)
            return false
        } catch {
            return error.code == .notFound
        }
    }

    private func hear(_ exchange: Exchange, _ consumer: Consumer) async -> Ending {
        let parser = BrokerLogParser(source: .logExchange)
        do throws(ClientError) {
            var deliveries = consumer.makeAsyncIterator()
            while let delivery = try await deliveries.next() {
                entrance.own.traffic.note(.delivered)
                switch exchange {
                case .log:
                    let beginning = delivery.body.readableBytesView.prefix(LogAssembler.maximumLength * 4)
                    let text = String(decoding: beginning, as: UTF8.self)
                    if let message = LogMessage(entry: text) { await aggregator.take(message, parser: parser) }
                case .event:
                    await aggregator.take(event: delivery.routingKey.text, headers: delivery.properties.headers ?? [:])
                }
            }
            return .again
        } catch {
            return .lost(error)
        }
    }

    /// Passively declares rabbittop's own queue every second, so that a broker that has stopped answering is noticed.
    /// This needs no more permissions than listening.
    private func pingUntilLost(
        _ connection: Connection, to address: String, queue: Name, _ exchanges: [Exchange]
    ) async -> Ending {
        do throws(ClientError) {
            let channel = try await connection.openChannel()
            entrance.own.traffic.note(.channelsOpened)
            while !Task.isCancelled {
                await wakeSignal.wait(atMost: Self.ping)
                if Task.isCancelled { break }
                _ = try await channel.declareQueuePassive(queue)
                for exchange in heard(exchanges) {
                    sourceHealth.answered(exchange.source, at: clock.date(), interval: 1)
                }
            }
            return .again
        } catch {
            // Reported immediately, because with a frozen broker the other consumers of the connection may end late.
            if !Task.isCancelled { fail(exchanges, entrance.trouble(error, at: address)) }
            return .lost(error)
        }
    }

    /// Returns these exchanges, and one that appeared later and is consumed from over the same connection.
    private func heard(_ exchanges: [Exchange]) -> [Exchange] {
        Exchange.allCases.filter { exchanges.contains($0) || sourceHealth.status($0.source)?.state == .live }
    }

    private func fail(_ exchanges: [Exchange], _ trouble: SourceHealth.Trouble) {
        for exchange in heard(exchanges) { sourceHealth.failed(exchange.source, trouble) }
    }
}
