import Logging
import RabbitMQClient
import Synchronization

import struct NIOCore.ByteBuffer
import protocol NIOCore.EventLoopGroup
import class NIOPosix.MultiThreadedEventLoopGroup

/// One load run, which measures the client library in typical use.
public struct LoadRun: Sendable {
    let plan: LoadPlan
    let connection: Connection
    /// The number of the next message that a task takes.
    let tickets = LoadTickets()

    /// A windowed publisher measures the confirm latency of one in this many messages.
    private static let sampling = 100

    /// Connects, declares the queue if it is missing, moves the messages, and closes.
    ///
    /// Throws the errors of the client library; `.timeout` if a consumer received nothing for the plan's `patience`.
    public static func run(
        _ plan: LoadPlan, over configuration: ConnectionConfiguration,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws(ClientError) -> LoadResult {
        let silent = Logger(label: "rabbittop.perf") { _ in SwiftLogNoOpLogHandler() }
        // A run that lost its connection meanwhile would measure something else.
        var configuration = configuration
        configuration.recovery = .off
        let connection = try await Connection.connect(configuration, on: group, logger: silent)
        do throws(ClientError) {
            let run = LoadRun(plan: plan, connection: connection)
            try await run.ensureQueue()
            // As the library's guide recommends for many small messages.
            let result = try await withTaskExecutorPreference(connection.taskExecutor) {
                () async throws(ClientError) in
                switch plan.mode {
                case .publish: try await run.publish()
                case .confirm: try await run.confirm()
                case .consume: try await run.consume()
                }
            }
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Declares the queue if it does not exist.
    private func ensureQueue() async throws(ClientError) {
        let probe = try await connection.openChannel()
        do throws(ClientError) {
            _ = try await probe.declareQueuePassive(plan.queue)
            try await probe.close()
        } catch {
            guard error.code == .refused, error.closeReason?.code == 404 else { throw error }
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue(plan.queue, durable: true)
            try await channel.close()
        }
    }

    // MARK: Publishing

    private func publish() async throws(ClientError) -> LoadResult {
        let channel = try await connection.openChannel()
        let body = plan.body
        let pace = LoadPace(rate: plan.rate)
        let meter = LoadMeter()
        try await beside { () async throws(ClientError) in
            while let number = tickets.next(below: plan.count) {
                await pace.wait(for: number)
                try await channel.publishUnconfirmed(body, routingKey: plan.queue)
            }
        }
        // The broker answers in order: after this answer, the last message has been processed.
        _ = try await channel.declareQueuePassive(plan.queue)
        return result(meter)
    }

    private func confirm() async throws(ClientError) -> LoadResult {
        let channel = try await connection.openChannel()
        try await channel.confirmSelect()
        return plan.tasks == nil ? try await confirmWindowed(channel) : try await confirmEach(channel)
    }

    /// Runs one publisher that keeps at most the window unconfirmed.
    private func confirmWindowed(_ channel: Channel) async throws(ClientError) -> LoadResult {
        let body = plan.body
        let latencies = LoadLatencies()
        let pace = LoadPace(rate: plan.rate)
        let meter = LoadMeter()
        let failure = await withTaskGroup(of: Void.self) { samples -> ClientError? in
            var open = ConfirmWindow(limit: plan.window)
            do throws(ClientError) {
                for number in 0..<plan.count {
                    await pace.wait(for: number)
                    if open.isFull { try await open.makeRoom() }
                    let isSample = number % Self.sampling == 0
                    let begun = isSample ? ContinuousClock.now : nil
                    let confirmation = try await channel.publishDeferred(body, routingKey: plan.queue)
                    open.add(confirmation)
                    guard let begun else { continue }
                    samples.addTask {
                        guard (try? await confirmation.wait()) != nil else { return }
                        latencies.add(.now - begun)
                    }
                }
                try await open.drain()
                return nil
            } catch {
                samples.cancelAll()
                return error
            }
        }
        if let failure { throw failure }
        return result(meter, latencies)
    }

    /// Runs many publishers that each wait for their own confirm.
    private func confirmEach(_ channel: Channel) async throws(ClientError) -> LoadResult {
        let body = plan.body
        let latencies = LoadLatencies()
        let pace = LoadPace(rate: plan.rate)
        let meter = LoadMeter()
        try await beside { () async throws(ClientError) in
            var own: [Duration] = []
            own.reserveCapacity(plan.count / (plan.tasks ?? 1) + 1)
            while let number = tickets.next(below: plan.count) {
                await pace.wait(for: number)
                let begun = ContinuousClock.now
                try await channel.publish(body, routingKey: plan.queue)
                own.append(.now - begun)
            }
            latencies.add(own)
        }
        return result(meter, latencies)
    }

    // MARK: Consuming

    private func consume() async throws(ClientError) -> LoadResult {
        let bytes = LoadBytes()
        let watch = LoadWatch(patience: plan.patience, rate: plan.rate)
        let pace = LoadPace(rate: plan.rate)
        let meter = LoadMeter()
        try await beside { () async throws(ClientError) in
            let channel = try await connection.openChannel()
            let consumer = try await channel.consume(plan.queue, noAck: plan.ackEvery == 0, prefetch: plan.prefetch)
            // Cancelled on each way out; it has nothing to clean up.
            let end = Task { await watch.end(consumer) }
            defer { end.cancel() }
            bytes.add(try await take(consumer, watch, pace))
            // Its prefetched messages are redelivered to the others.
            if plan.tasks ?? 1 > 1 { try await consumer.cancel() }
        }
        var result = result(meter)
        result.size = bytes.sum / plan.count
        return result
    }

    /// Consumes until there are enough messages.
    ///
    /// - Returns: the size of their bodies in bytes.
    private func take(_ consumer: Consumer, _ watch: LoadWatch, _ pace: LoadPace) async throws(ClientError) -> Int {
        var bytes = 0
        var open = 0
        var last: Delivery?
        var deliveries = consumer.makeAsyncIterator()
        while let number = tickets.next(below: plan.count) {
            await pace.wait(for: number)
            guard let delivery = try await deliveries.next() else {
                throw ClientError(
                    .timeout,
                    "\(watch.count) messages came from queue '\(plan.queue)', and then none for "
                        + "\(watch.patience / .seconds(1)) s.",
                    advice: "Publish more to it, or consume fewer.")
            }
            watch.note()
            bytes += delivery.body.readableBytes
            if plan.ackEvery == 0 { continue }
            open += 1
            if open == plan.ackEvery {
                try delivery.ack(multiple: true)
                open = 0
                last = nil
            } else {
                last = delivery
            }
        }
        try last?.ack(multiple: true)
        return bytes
    }

    // MARK: Tasks and figures

    /// Runs the work in as many tasks as the plan requires, and throws the error of the first that fails.
    private func beside(_ work: @escaping @Sendable () async throws(ClientError) -> Void) async throws(ClientError) {
        let tasks = plan.tasks ?? 1
        if tasks == 1 { return try await work() }
        let failure = await withTaskGroup(of: ClientError?.self) { group in
            for _ in 0..<tasks {
                group.addTask {
                    do throws(ClientError) {
                        try await work()
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            var first: ClientError?
            for await failure in group where first == nil && failure != nil {
                first = failure
                group.cancelAll()
            }
            return first
        }
        if let failure { throw failure }
    }

    private func result(_ meter: LoadMeter, _ latencies: LoadLatencies? = nil) -> LoadResult {
        let (seconds, cpu) = meter.read()
        return LoadResult(
            mode: plan.mode, count: plan.count, size: plan.size, seconds: seconds, cpu: cpu,
            latency: latencies?.summary)
    }
}

extension LoadPlan {
    /// A body of the required size.
    fileprivate var body: ByteBuffer {
        ByteBuffer(bytes: (0..<max(0, size)).map { UInt8(ascii: "a") + UInt8($0 % 26) })
    }
}
