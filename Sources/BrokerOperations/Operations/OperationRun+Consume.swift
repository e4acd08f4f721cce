import Names
import RabbitMQClient
import TopCore

extension OperationRun {
    func consume(_ request: ConsumeRequest) async -> OperationReport {
        let connection: Connection
        do throws(ClientError) {
            connection = try await context.connect(vhost: request.queue.vhost, purpose: "consume")
        } catch {
            return error.code == .cancelled ? .cancelled("stopped before it began") : Self.failed(error)
        }
        let taken = Shared(0)
        let report = await withTaskGroup(of: OperationReport?.self) { tasks in
            let ticker = Ticker(clock: context.clock)
            tasks.addTask {
                var last = (count: 0, at: 0.0)
                await ticker.run { seconds in
                    let count = taken.value
                    let rate = Double(count - last.count) / max(0.001, seconds - last.at)
                    last = (count, seconds)
                    self.progress(
                        "\(Self.grouped(count)) message\(count == 1 ? "" : "s") · \(Self.grouped(Int(rate.rounded())))/s",
                        nil)
                }
                return nil
            }
            tasks.addTask {
                defer { ticker.stop() }
                return await self.take(request, connection, count: { taken.change { $0 += 1 } })
            }
            var report: OperationReport?
            for await result in tasks { report = report ?? result }
            return report
        }
        await connection.close(timeout: .milliseconds(500))
        let words = "\(Self.grouped(taken.value)) message\(taken.value == 1 ? "" : "s") taken"
        switch report {
        case .failed(let what, let advice, let kind)?:
            return .failed("\(what) · \(words)", advice: advice, kind: kind)
        case .some(let other): return other
        case nil: return Task.isCancelled ? .cancelled(words) : .finished(words)
        }
    }

    /// Consumes until the task is cancelled (returns `nil`), or something ends it.
    private func take(
        _ request: ConsumeRequest, _ connection: Connection, count: @Sendable () -> Void
    ) async -> OperationReport? {
        do throws(ClientError) {
            let channel = try await connection.openChannel()
            let consumer = try await channel.consume(
                request.queue.name, noAck: request.acknowledge == .automatic,
                prefetch: UInt16(clamping: max(0, request.prefetch)))
            progress("waiting for messages", nil)
            var deliveries = consumer.makeAsyncIterator()
            while let delivery = try await deliveries.next() {
                count()
                if request.delay > 0 {
                    guard (try? await context.clock.sleep(Double(request.delay) / 1_000)) != nil else { return nil }
                }
                switch request.acknowledge {
                case .manual: try delivery.ack()
                case .automatic, .never: break
                case .requeue: try delivery.nack(requeue: true)
                case .reject: try delivery.reject(requeue: false)
                }
            }
            return nil
        } catch {
            if Task.isCancelled || error.code == .cancelled { return nil }
            // The reason why the channel closed is more informative than the failed settlement.
            if error.code == .staleDelivery, let reason = connection.closeReason {
                return .failed("\(reason.code) \(Self.words(reason))", advice: reason.advice)
            }
            return Self.failed(error)
        }
    }
}
