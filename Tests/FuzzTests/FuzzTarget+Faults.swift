import AMQPWire
import Faults
import Foundation
import NIOCore
import Names
import SeededSupport
import Testing

@testable import AMQPProxy

// What people say of faults: one of them, a plan, a selector, parameters.
extension FuzzTarget {
    static let faults = FuzzTarget("faults") { input, random in
        let data = Data(input)
        if let plan = try? JSONDecoder().decode(FaultPlan.self, from: data) {
            do throws(FaultError) {
                try plan.check(injectionPoints: Set(FaultDescription.InjectionPoint.allCases))
                for step in plan.steps { #expect((0...86_400).contains(step.at)) }
            } catch {
                check(error)
            }
            for step in plan.steps.prefix(4) { try check(step.fault, &random) }
        }
        if let fault = try? JSONDecoder().decode(Fault.self, from: data) { try check(fault, &random) }
        if let selector = try? JSONDecoder().decode(FaultSelector.self, from: data) {
            try check(Fault("delay", ["what": "deliveries"], on: selector), &random)
            try check(Fault("swallow", ["what": "acks"], on: selector), &random)
        }
        if let parameters = try? JSONDecoder().decode([String: FaultValue].self, from: data) {
            for description in FaultCatalogue.all where description.injectionPoint == .proxy {
                try check(Fault(description.name, parameters), &random)
            }
        }
        let text = String(decoding: input.prefix(40), as: UTF8.self)
        for field in FaultSelector.Field.allCases {
            var selector = FaultSelector()
            do throws(FaultError) {
                try selector.set(field, text)
                try selector.check()
                #expect(selector.said.map(\.field) == [field])
            } catch {
                check(error)
            }
        }
    }

    private static func check(_ error: FaultError) {
        #expect(!error.problem.isEmpty && error.description.utf8.count < 4_000)
    }

    /// It is written as it was read, and what the catalogue takes does no harm where it strikes.
    private static func check(_ fault: Fault, _ random: inout SeededSupport.SeededRandom) throws {
        // 1.0 is read as a whole number, so that it is the second time that counts.
        let again = try JSONDecoder().decode(Fault.self, from: JSONEncoder().encode(fault))
        #expect(try JSONDecoder().decode(Fault.self, from: JSONEncoder().encode(again)) == again)
        #expect(again.selector == fault.selector && again.seed == fault.seed)
        _ = fault.selector.words
        let order: FaultOrder
        do throws(FaultError) {
            order = try FaultCatalogue.order(fault)
        } catch {
            return check(error)
        }
        guard let lasting = ProxyFault(order, id: 1) else { return }
        strike(lasting)
    }

    /// Traffic in both directions meets it.
    private static func strike(_ fault: ProxyFault) {
        var machine = SessionMachine()
        machine.heldBytesLimit = 10_000
        machine.counters.add(fault)
        func take(_ side: Side, _ write: (inout ByteBuffer) throws -> Void) {
            var bytes = ByteBuffer()
            try? write(&bytes)
            var output = SessionMachine.Output()
            machine.received(bytes, from: side, now: .uptimeNanoseconds(1_000), &output)
        }
        take(.client) { $0.writeProtocolHeader() }
        take(.broker) { try $0.writeFrame(channel: 0, .connectionStart(ConnectionStart())) }
        machine.faults = [SessionFault(fault: fault)]
        machine.needsNames = fault.aim.asksForNames
        take(.broker) {
            try $0.writeFrame(
                channel: 0, .connectionTune(ConnectionTune(channelMax: 10, frameMax: 131_072, heartbeat: 60)))
        }
        take(.client) {
            try $0.writeFrame(
                channel: 0, .connectionTuneOk(ConnectionTuneOk(channelMax: 10, frameMax: 131_072, heartbeat: 60)))
        }
        take(.broker) { try $0.writeFrame(channel: 0, .connectionOpenOk) }
        for number: UInt16 in 1...2 {
            take(.client) { try $0.writeFrame(channel: number, .channelOpen) }
            take(.broker) { try $0.writeFrame(channel: number, .channelOpenOk) }
            take(.client) { try $0.writeFrame(channel: number, .confirmSelect(ConfirmSelect())) }
            for tag: UInt64 in 1...3 {
                take(.client) {
                    try $0.writeContent(
                        channel: number, .basicPublish(BasicPublish(exchange: "x", routingKey: "q")),
                        properties: BasicProperties(), body: ByteBuffer(string: "body"), frameMax: 0)
                }
                take(.broker) { try $0.writeFrame(channel: number, .basicAck(BasicAck(deliveryTag: tag))) }
                take(.broker) {
                    try $0.writeContent(
                        channel: number, .basicDeliver(BasicDeliver(consumerTag: "t", deliveryTag: tag)),
                        properties: BasicProperties(), body: ByteBuffer(string: "body"), frameMax: 0)
                }
                take(.client) { try $0.writeFrame(channel: number, .basicAck(BasicAck(deliveryTag: tag))) }
            }
        }
        var output = SessionMachine.Output()
        machine.release(now: .distantFuture, &output)
        #expect(machine.heldBytes <= machine.heldBytesLimit)
        _ = machine.channelReports
        guard let shaping = fault.declared as? any ShapingFault else { return }
        var line = TrafficShaper()
        line.set([shaping.limits], seed: fault.seed)
        line.write(ByteBuffer(repeating: 0, count: 100), now: .uptimeNanoseconds(1_000))
        line.end(now: .uptimeNanoseconds(1_000))
        _ = line.take(now: .distantFuture)
    }
}
