import AMQPWire
import Faults
import Foundation
import MessageRouting
import NIOCore
import Names
import SeededSupport
import Testing

@testable import AMQPProxy
@testable import BrokerMonitor
@testable import RabbitMQManagement

// What the management API, the Prometheus endpoint, the broker's log and the control API's users send.
extension FuzzTarget {
    static let answers = [json, prometheus, log, events, control, configuration]

    private static let json = FuzzTarget("json") { input, _ in
        guard let value = try? JSONParser.parse(ByteBuffer(bytes: input)) else { return }
        let text = value.jsonText
        guard let again = try? JSONParser.parse(ByteBuffer(string: text)) else {
            Issue.record("it does not read what it wrote: \(text.prefix(200))")
            return
        }
        #expect(again.jsonText == text)
        _ = ObjectList<QueueInfo>(elements: value.elements ?? [value])
        _ = ObjectList<ConnectionInfo>(elements: value.elements ?? [value])
        _ = ObjectList<ChannelInfo>(elements: value.elements ?? [value])
        _ = ObjectList<NodeInfo>(elements: value.elements ?? [value])
        _ = Overview(json: value)
        _ = Definitions(json: value)?.part(at: Date(timeIntervalSince1970: 0))
    }

    /// The same rows, however the answer is cut.
    private static let prometheus = FuzzTarget("prometheus") { input, random in
        var whole = QueueGaugeParser()
        whole.take(ByteBuffer(bytes: input))
        let rows = whole.finish()
        var cut = QueueGaugeParser()
        for piece in input.pieces(&random) {
            cut.take(ByteBuffer(bytes: piece))
        }
        let again = cut.finish()
        #expect(again.rows == rows.rows && again.undecodable == rows.undecodable)
    }

    private static let log = FuzzTarget("log") { input, _ in
        let text = String(decoding: input, as: UTF8.self)
        let parser = BrokerLogParser(source: .logFile)
        if let message = LogMessage(entry: text) { _ = parser.read(message, now: Date()) }
        var assembler = LogAssembler()
        for line in input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            guard let message = assembler.take(line: String(decoding: line, as: UTF8.self)) else { continue }
            let entry = parser.read(message, now: Date()).entry
            #expect(message.text.utf8.count <= 2 * LogAssembler.maximumLength)
            if var entry {
                entry.shorten()
                #expect(entry.byteCount < 20_000)
            }
        }
        if let last = assembler.flush() { _ = parser.read(last, now: Date()) }
    }

    private static let events = FuzzTarget("events") { input, random in
        guard let headers = try? FieldTable(entries: input) else { return }
        var parser = EventExchangeParser()
        for key in EventExchangeParser.bindings + [
            "connection.created", "connection.closed", "alarm.set", "alarm.cleared",
        ] {
            _ = parser.read(routingKey: key, headers: headers, now: Date())
        }
    }

    private static let control = FuzzTarget("control") { input, _ in
        let gate = RequestGate(limit: 1)
        let text = String(decoding: input.prefix(40), as: UTF8.self)
        let request = ControlRequest(
            body: ByteBuffer(bytes: input), parameters: ["session": text, "code": text], accepts: "", followers: gate)
        _ = try? request.integer("session") as UInt64?
        _ = try? request.integer("code") as Int?
        do {
            let fault = try request.decode(Fault.self)
            let first = try JSONEncoder().encode(fault)
            let second = try JSONEncoder().encode(JSONDecoder().decode(Fault.self, from: first))
            #expect(second.count == first.count)
            _ = try FaultCatalogue.order(fault)
        } catch let problem as ControlProblem {
            #expect(!problem.problem.isEmpty && problem.problem.utf8.count < 2_000)
        } catch let error as FaultError {
            #expect(!error.description.isEmpty && error.description.utf8.count < 4_000)
        }
    }

    /// What a recording holds of the configuration, in words.
    private static let configuration = FuzzTarget("configuration") { input, _ in
        let name = Name(bytes: input)
        _ = RecordedWords(name)
        let exchanges: Set<Name> = ["in", "a to queue b"]
        if let binding = RoutingModel.Binding(recorded: name, exchanges: exchanges, queues: nil) {
            #expect(exchanges.contains(binding.source))
        }
    }
}
