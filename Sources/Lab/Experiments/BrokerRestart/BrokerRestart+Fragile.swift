import LocalBroker
import RabbitMQClient

extension BrokerRestart {
    func runFragile(_ outages: [RestartOutage], on node: BrokerNode) async throws(LabError) {
        let settings = context.settings
        try await context.withStore(policy: .off) { store throws(LabError) in
            let queue = context.unique("orders")
            let numbers = OrderNumbers(count: orders, outages: outages.count)
            let service = FragileService(
                context: context, queue: queue, heartbeat: heartbeat, interval: settings.seconds("interval"),
                work: settings.seconds("work"), numbers: numbers, store: store)
            let person = Operator(context.recorder)
            context.recorder.watch(queue: queue)
            let maker = maker(node, database: store.path)
            try await Alongside.run { () async throws(LabError) in
                try await person.run(service)
            } work: { () async throws(LabError) in
                for (number, outage) in outages.enumerated() {
                    await until(numbers.due(number)) { $0.published }
                    if Task.isCancelled { return }
                    person.outageBegins()
                    let fault = context.recorder.fault(outage.story)
                    guard try await make(outage, fault, by: maker) else {
                        context.recorder.detail("broker_came_back", .flag(false))
                        return
                    }
                    numbers.outageIsOver(number)
                    await person.outageEnds(patience: patience)
                }
                await until(orders) { $0.published }
                await untilQuiet(.seconds(1) + settings.seconds("work") * 2)
            }
            context.recorder.detail("deaths", .integer(person.deaths.count))
            context.recorder.detail("fatal_outages", .integer(person.fatalOutages))
            context.recorder.detail("causes_of_death", .list(person.deaths.map(LabValue.text)))
            do throws(OrderStoreError) {
                context.recorder.detail("stored", .integer(try await store.count()))
            } catch {
                throw LabError(error)
            }
        }
    }

    /// Waits until nothing has been consumed for some time; a message that has not arrived by then will not arrive.
    private func untilQuiet(_ time: Duration) async {
        var consumed = -1
        while context.recorder.counts.consumed > consumed {
            consumed = context.recorder.counts.consumed
            do { try await Task.sleep(for: time) } catch { return }
        }
    }
}
