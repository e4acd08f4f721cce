import BrokerSupport
import Foundation
import LocalBroker
import Testing

@Suite struct BrokerLifeTests {
    @Test func aNodeIsReadyWhenItsStartReturns() async throws {
        let broker = try await TestBroker.shared()
        #expect(await broker.node.status == .running)
        let answer = try await broker.management("GET", "exchanges/%2F/amq.rabbitmq.log")
        #expect(answer.status == 200)
    }
}
