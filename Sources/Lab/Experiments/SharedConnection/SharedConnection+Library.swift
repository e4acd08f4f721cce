import Foundation
import LocalBroker
import RabbitMQClient

extension SharedConnection {
    /// Publishes from tasks that share one channel of the client library.
    func publishWithLibrary(to route: OrderRoute) async throws(LabError) -> Double {
        var configuration = context.broker.configuration(name: "lab producers")
        configuration.recovery = .off
        do throws(ClientError) {
            let connection = try await Connection.connect(
                configuration, on: context.group, registry: context.registry)
            do throws(ClientError) {
                let channel = try await connection.openChannel()
                let begun = ContinuousClock.now
                let dead = await withTaskGroup(of: Bool.self) { group in
                    for producer in 0..<producers {
                        group.addTask { await publish(as: producer, over: channel, to: route) }
                    }
                    return await group.reduce(into: 0) { if $1 { $0 += 1 } }
                }
                // The broker answers in order: after this answer, the last message has been processed.
                _ = try await channel.declareQueuePassive(route.queue)
                let seconds = (ContinuousClock.now - begun) / .seconds(1)
                context.recorder.detail("producers_died", .integer(dead))
                await connection.close()
                return Double(context.recorder.counts.published) / max(seconds, 1e-3)
            } catch {
                await connection.close()
                throw error
            }
        } catch {
            throw LabError(error)
        }
    }

    /// Runs one producer.
    ///
    /// - Returns: whether it died.
    private func publish(as producer: Int, over channel: Channel, to route: OrderRoute) async -> Bool {
        do throws(ClientError) {
            for number in 0..<messages where !Task.isCancelled {
                // A publish that need not wait does not suspend, so other tasks would not run.
                if number % 64 == 63 { await Task.yield() }
                let id = "\(producer)-\(number)"
                context.recorder.published(id)
                try await channel.publishUnconfirmed(
                    ByteBuffer(string: OrderBody.text(id, size: size)), exchange: route.exchange,
                    routingKey: OrderRoute.routingKey, properties: BasicProperties(messageID: id))
            }
            return false
        } catch {
            context.recorder.error(error, application: "producer \(producer)")
            return true
        }
    }

    /// Publishes from producers that are separate processes.
    func publishFromProcesses(to route: OrderRoute) async throws(LabError) -> Double {
        var orders: [ProducerProcess.Order] = []
        var counts: [SharedCount] = []
        for producer in 0..<producers {
            let file = context.folder.appending(path: "producer-\(producer)").path
            guard let count = SharedCount(path: file) else {
                throw LabError(
                    .failed, "The file \(file) cannot be made: \(String(cString: strerror(errno))).",
                    advice: "Check that TMPDIR is writable and has free space: df -h.")
            }
            counts.append(count)
            orders.append(
                ProducerProcess.Order(
                    context.broker.configuration(name: "lab producer \(producer)"), producer: producer,
                    messages: messages, size: size, exchange: route.exchange, count: file))
        }
        // Cancelled and awaited below, when the processes have ended.
        let watch = Task { [counts] in await follow(counts) }
        let results = await withTaskGroup(of: Result<ProducerProcess.Report, LabError>.self) { group in
            for order in orders {
                group.addTask { await ProducerProcess.start(order, program: context.program) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        watch.cancel()
        await watch.value
        var reports: [ProducerProcess.Report] = []
        for result in results { reports.append(try result.get()) }
        for report in reports {
            guard let error = report.error else { continue }
            context.recorder.error(
                .connection, code: report.code, text: error, application: "producer \(report.producer)")
        }
        context.recorder.detail("producers_died", .integer(reports.count { $0.error != nil }))
        let begun = reports.map(\.begun).min() ?? 0
        let ended = reports.map(\.ended).max() ?? 0
        return Double(context.recorder.counts.published) / max(ended - begun, 1e-3)
    }

    /// Records what the processes have published, until the task is cancelled, and then once more.
    private func follow(_ counts: [SharedCount]) async {
        var booked = counts.map { _ in 0 }
        var isLast = false
        while !isLast {
            isLast = (try? await Task.sleep(for: .milliseconds(20))) == nil
            for producer in counts.indices {
                while booked[producer] < counts[producer].value {
                    context.recorder.published("\(producer)-\(booked[producer])")
                    booked[producer] += 1
                }
            }
        }
    }
}
