import Foundation
import Logging
import NIOCore
import RabbitMQClient
import RabbitMQManagement
import TopCore

/// Listens to the broker's log exchange and event exchange, over one connection of its own.
struct ExchangeListener: Sendable {
    /// Where to listen; `nil` while that is not known yet.
    typealias Address = @Sendable () async -> ConnectionConfiguration?

    /// The most entries that wait at the broker for us.
    static let queueLimit: Int64 = 20_000
    /// How often a missing exchange is looked for.
    static let missingInterval: Duration = .seconds(5)
    static let retry: Duration = .seconds(1)
    static let ping: Duration = .seconds(1)

    static let logAdvice =
        "Set log.exchange = true and log.file.level = info in rabbitmq.conf (the first alone switches the log file off)."
    static let eventAdvice = "rabbitmq-plugins enable rabbitmq_event_exchange"

    let address: Address
    let group: any EventLoopGroup
    let own: OwnConnections
    let board: SourceBoard
    let room: NewsRoom
    let management: ManagementClient
    let logger: Logger
    let connectionName: String
    /// Rings when something else found the broker dead or alive.
    let bell: Bell
    /// Tells the others that the broker seems dead.
    let onLoss: @Sendable () -> Void

    /// Why listening ended.
    private enum Ending {
        case lost(ClientError)
        /// Neither exchange is there.
        case nothing
        /// An exchange that was missing is there now, or the task was cancelled.
        case again
    }

    private enum Exchange: CaseIterable {
        case log, event

        var name: String { self == .log ? "amq.rabbitmq.log" : "amq.rabbitmq.event" }
        var source: SourceName { self == .log ? .logExchange : .eventExchange }
        var keys: [String] { self == .log ? ["error", "warning", "info"] : EventExchangeParser.bindings }
        var advice: String { self == .log ? ExchangeListener.logAdvice : ExchangeListener.eventAdvice }
    }

    /// Listens until the task is cancelled, and connects again as often as it takes.
    func run() async {
        for exchange in Exchange.allCases { board.set(exchange.source, .connecting, interval: 1) }
        while !Task.isCancelled {
            guard var configuration = await address() else {
                await bell.wait(atMost: Self.retry)
                continue
            }
            // Both exchanges are in the default virtual host.
            configuration.virtualHost = "/"
            configuration.connectionName = configuration.connectionName ?? "\(connectionName) news"
            configuration.connectTimeout = .milliseconds(1_500)
            configuration.operationTimeout = .milliseconds(1_500)
            // The loop below connects again, and asks first whether the exchanges are there.
            configuration.recovery = .off
            var pause = Self.retry
            do throws(ClientError) {
                let connection = try await Connection.connect(
                    configuration, on: group, logger: logger, registry: own.watching)
                own.add(connection.name, .watching)
                let ending = await listen(on: connection, to: "\(configuration.host):\(configuration.port)")
                await connection.close(timeout: .milliseconds(200))
                switch ending {
                case .lost(let error): throw error
                case .nothing: pause = Self.missingInterval
                case .again: pause = .zero
                }
            } catch {
                if Task.isCancelled { break }
                let trouble = SourceBoard.Trouble(error, address: "\(configuration.host):\(configuration.port)")
                for exchange in Exchange.allCases { board.failed(exchange.source, trouble) }
                if trouble.state == .denied { pause = .seconds(5) } else { onLoss() }
            }
            await bell.wait(atMost: pause)
            // Several rings make one attempt, and not more than a few in a second.
            if !Task.isCancelled { try? await Task.sleep(for: .milliseconds(100)) }
        }
    }

    /// Listens until the connection ends; returns at once when there is nothing to listen to.
    private func listen(on connection: Connection, to address: String) async -> Ending {
        await withTaskGroup(of: Ending.self) { tasks in
            var listening: [Exchange] = []
            for exchange in Exchange.allCases {
                do throws(ClientError) {
                    guard let consumer = try await bind(exchange, on: connection) else { continue }
                    listening.append(exchange)
                    tasks.addTask { await hear(exchange, consumer) }
                } catch {
                    // Its channel is closed, the connection may live on for the other exchange.
                    board.failed(exchange.source, trouble(error, exchange))
                    guard connection.isOpen, error.code != .timeout else {
                        tasks.cancelAll()
                        return .lost(error)
                    }
                }
            }
            guard !listening.isEmpty else { return .nothing }
            let heard = listening
            tasks.addTask { await pingUntilLost(connection, to: address, heard) }
            let first = await tasks.next() ?? .again
            tasks.cancelAll()
            return first
        }
    }

    private func trouble(_ error: ClientError, _ exchange: Exchange) -> SourceBoard.Trouble {
        if error.closeReason?.code == 403 {
            return .init(
                state: .denied, problem: "the user may not listen to \(exchange.name)",
                advice: "It needs read on '\(exchange.name)' and configure and write on 'amq.gen-.*' in vhost '/'.")
        }
        return .init(
            state: .unreachable, problem: error.closeReason.map { "\($0.code) \($0.text)" } ?? error.message,
            advice: exchange.advice)
    }

    /// Makes a queue of our own that the broker deletes with the connection; `nil` where the exchange is missing.
    private func bind(_ exchange: Exchange, on connection: Connection) async throws(ClientError) -> Consumer? {
        guard try await exists(exchange, on: connection) else {
            let problem =
                exchange == .log
                ? "the broker logs to no exchange" : "the plugin rabbitmq_event_exchange is not enabled"
            board.set(exchange.source, .notEnabled, problem, advice: exchange.advice)
            return nil
        }
        let channel = try await connection.openChannel()
        let queue = try await channel.declareQueue(
            exclusive: true, autoDelete: true,
            arguments: ["x-max-length": .int64(Self.queueLimit), "x-queue-type": "classic"])
        for key in exchange.keys {
            try await channel.bindQueue(queue.name, exchange: exchange.name, routingKey: key)
        }
        let consumer = try await channel.consume(queue.name, noAck: true, prefetch: 1_000)
        board.answered(exchange.source, at: Date(), interval: 1)
        return consumer
    }

    /// Asks over HTTP first: a passive declare of a missing exchange would be an error in the broker's log.
    private func exists(_ exchange: Exchange, on connection: Connection) async throws(ClientError) -> Bool {
        do throws(ManagementError) {
            _ = try await management.exchange(vhost: "/", name: exchange.name)
            return true
        } catch {
            if case .notFound = error.code { return false }
        }
        let channel = try await connection.openChannel()
        do throws(ClientError) {
            try await channel.declareExchangePassive(exchange.name)
            try await channel.close()
            return true
        } catch {
            if error.closeReason?.code == 404 { return false }
            throw error
        }
    }

    private func hear(_ exchange: Exchange, _ consumer: Consumer) async -> Ending {
        let parser = BrokerLogParser(source: .logExchange)
        do throws(ClientError) {
            var deliveries = consumer.makeAsyncIterator()
            while let delivery = try await deliveries.next() {
                switch exchange {
                case .log:
                    let text = String(decoding: delivery.body.readableBytesView, as: UTF8.self)
                    if let message = LogMessage(entry: text) { await room.take(message, parser: parser) }
                case .event:
                    await room.take(event: delivery.routingKey, headers: delivery.properties.headers ?? [:])
                }
            }
            return .again
        } catch {
            return .lost(error)
        }
    }

    /// Asks for something small every second, so that a broker that says nothing any more is noticed. Returns too when
    /// an exchange that was missing is there.
    private func pingUntilLost(
        _ connection: Connection, to address: String, _ exchanges: [Exchange]
    ) async -> Ending {
        let missing = Exchange.allCases.filter { !exchanges.contains($0) }
        let start = Uptime.now
        var lastLook = start
        do throws(ClientError) {
            let channel = try await connection.openChannel()
            while !Task.isCancelled {
                await bell.wait(atMost: Self.ping)
                if Task.isCancelled { break }
                try await channel.declareExchangePassive("amq.direct")
                for exchange in exchanges { board.answered(exchange.source, at: Date(), interval: 1) }
                guard let exchange = missing.first, Uptime.now - lastLook > (Uptime.now - start < 15 ? 2 : 10) else {
                    continue
                }
                lastLook = Uptime.now
                if (try? await management.exchange(vhost: "/", name: exchange.name)) != nil { return .again }
            }
            return .again
        } catch {
            // Told at once: what else is on the connection may take its time to end, with a broker that is frozen.
            if !Task.isCancelled {
                for exchange in exchanges {
                    board.failed(exchange.source, SourceBoard.Trouble(error, address: address))
                }
            }
            return .lost(error)
        }
    }
}
