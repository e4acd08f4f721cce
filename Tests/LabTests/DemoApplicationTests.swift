import AMQPWire
import Foundation
import Names
import Testing

@testable import Lab

@Suite struct DemoApplicationTests {
    private let applications = DemoApplication.demo

    @Test func everybodyWorksOnWhatIsThere() throws {
        for application in applications {
            let host = try #require(DemoTopology.demo.virtualHost(application.virtualHost))
            for queue in application.queues { #expect(host.queue(queue) != nil, "\(application.name): \(queue)") }
            for exchange in application.exchanges {
                #expect(host.exchange(exchange) != nil, "\(application.name): \(exchange)")
            }
            #expect(
                application.user == "guest"
                    || host.permissions.contains { $0.user == application.user && $0.configure == ".*" })
        }
    }

    @Test func ratesAreLivelyAndCheap() {
        let total = applications.flatMap(\.producers).map(\.wave.average).reduce(0, +)
        #expect((200...400).contains(total))
        let peak = stride(from: 0.0, to: 600, by: 0.5).map { time in
            applications.flatMap(\.producers).map { $0.wave.rate(at: time) }.reduce(0, +)
        }.max()
        #expect((peak ?? 0) < 700)
    }

    /// What is published is routed to queues, but for the mandatory messages, which are meant to come back.
    @Test func everyMessageFindsAQueue() throws {
        for application in applications {
            let host = try #require(DemoTopology.demo.virtualHost(application.virtualHost))
            for producer in application.producers {
                for key in producer.routingKeys {
                    let reached = route(producer, key: key, from: producer.exchange, in: host)
                    #expect(reached.isEmpty == producer.isMandatory, "\(application.name): \(key) reaches \(reached)")
                }
            }
        }
    }

    /// A queue breathes when those who serve it can do a little more than what comes in the long run, and less than
    /// what comes at the crest; with less than the average it stays full.
    @Test func capacitiesMakeQueuesBreathe() throws {
        var breathing = 0
        var overrun: [String] = []
        for application in applications {
            let host = try #require(DemoTopology.demo.virtualHost(application.virtualHost))
            for consumer in application.consumers {
                guard let capacity = consumer.capacity else { continue }
                let fed = applications.filter { $0.virtualHost == host.name }.flatMap(\.producers).filter { producer in
                    producer.routingKeys.contains {
                        route(producer, key: $0, from: producer.exchange, in: host).contains(consumer.queue)
                    }
                }
                let average = fed.map(\.wave.average).reduce(0, +)
                let crest = stride(from: 0.0, to: 240, by: 0.5).map { time in
                    fed.map { $0.wave.rate(at: time) }.reduce(0, +)
                }.max()
                if capacity < average {
                    overrun.append(consumer.queue)
                } else if capacity < crest ?? 0 {
                    breathing += 1
                }
            }
        }
        #expect(overrun == ["thumbnails"])
        #expect(breathing >= 5)
    }

    @Test func somebodyRejectsRequeuesMistakesAndComesAndGoes() {
        let consumers = applications.flatMap(\.consumers)
        #expect(consumers.contains { $0.rejectsOneIn != nil })
        #expect(consumers.contains { $0.prefetch == 10 && $0.capacity != nil })
        #expect(consumers.contains { $0.prefetch == 50 && $0.capacity == nil })
        #expect(applications.contains { $0.mistakes?.every == 30 })
        #expect(applications.contains { $0.shift.map { $0.work + $0.away } == 20 })
        #expect(
            applications.flatMap(\.producers).flatMap(\.headers).contains {
                $0.name == DemoApplication.Consumer.poisonHeader
            })
    }

    private func route(
        _ producer: DemoApplication.Producer, key: String, from exchange: String, in host: DemoTopology.VirtualHost
    ) -> Set<String> {
        guard let kind = host.exchange(exchange)?.kind else { return [] }
        var reached: Set<String> = []
        for binding in host.bindings where binding.source == exchange {
            let matches: Bool
            switch kind {
            case .fanout: matches = true
            case .direct: matches = binding.routingKey == key
            case .topic: matches = topic(binding.routingKey.split(separator: ".")[...], key.split(separator: ".")[...])
            case .headers:
                let wanted = binding.arguments.filter { !$0.key.hasPrefix("x-") }
                let found = wanted.filter { entry in
                    producer.headers.contains { entry.key == $0.name && $0.values.contains(entry.value.description) }
                }
                matches =
                    binding.arguments["x-match"]?.stringValue == "any" ? !found.isEmpty : found.count == wanted.count
            }
            guard matches else { continue }
            switch binding.destination {
            case .queue(let name): reached.insert(name)
            case .exchange(let name): reached.formUnion(route(producer, key: key, from: name, in: host))
            }
        }
        return reached
    }

    private func topic(_ pattern: ArraySlice<Substring>, _ key: ArraySlice<Substring>) -> Bool {
        guard let word = pattern.first else { return key.isEmpty }
        if word == "#" {
            return topic(pattern.dropFirst(), key) || (!key.isEmpty && topic(pattern, key.dropFirst()))
        }
        return !key.isEmpty && (word == "*" || word == key.first) && topic(pattern.dropFirst(), key.dropFirst())
    }
}
