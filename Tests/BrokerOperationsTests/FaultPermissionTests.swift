import Faults
import PeerSupport
import RabbitMQClient
import RabbitMQManagement
import Testing

@testable import BrokerMonitor
@testable import BrokerOperations

@Suite("Where the broker is that faults would strike")
struct FaultPermissionTests {
    private let machine = ThisMachine(
        addresses: [IPAddress("10.1.2.3")!, IPAddress("fd00::7")!], names: ["desk-1", "desk-1.office.example"])

    @Test(
        "Addresses of this machine",
        arguments: [
            "127.0.0.1", "127.9.9.9", "::1", "[::1]", "0.0.0.0", "::", "10.1.2.3", "::ffff:10.1.2.3", "fd00:0::7",
        ])
    func own(address: String) throws {
        #expect(machine.owns(try #require(IPAddress(address))))
    }

    @Test(
        "Addresses of others", arguments: ["192.0.2.2", "10.1.2.4", "::2", "fd00::8", "::ffff:192.0.2.2", "128.0.0.1"])
    func foreign(address: String) throws {
        #expect(!machine.owns(try #require(IPAddress(address))))
    }

    @Test("What is no address", arguments: ["", "localhost", "127.0.0.1.example", "1.2.3", "[::1", "12345", "::g"])
    func names(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(
        "Names of this machine",
        arguments: ["localhost", "LOCALHOST", "desk-1", "Desk-1", "desk-1.office.example", "127.0.0.1", "10.1.2.3"])
    func named(host: String) {
        #expect(machine.isNamed(host))
    }

    @Test(
        "Names of others",
        arguments: ["web-7", "desk-1.other.example", "desk-10", "desk", "", "localhost.example", "192.0.2.2"])
    func unnamed(host: String) {
        #expect(!machine.isNamed(host))
    }

    @Test("A machine that knows its short name alone takes its long one for its own")
    func shortName() {
        let short = ThisMachine(addresses: [], names: ["desk-1"])
        #expect(short.isNamed("desk-1.office.example") && !short.isNamed("desk-2.office.example"))
    }

    @Test("All addresses of a host count, not its name")
    func hosts() {
        let (here, there) = (IPAddress("127.0.0.1")!, IPAddress("192.0.2.2")!)
        #expect(BrokerLocator.place(ofHost: "rabbit.example", [here]) == .thisMachine)
        #expect(
            BrokerLocator.place(ofHost: "localhost", [here, there])
                == .elsewhere("localhost leads to 192.0.2.2"))
        #expect(BrokerLocator.place(ofHost: "192.0.2.2", [there]).refusal?.kind == .notPermitted)
        #expect(BrokerLocator.place(ofHost: "none.example", []) != .thisMachine)
    }

    private func overview(_ members: String) throws -> Overview {
        let value = try #require(JSONValue(parsing: #"{"management_version":"3.10.8",\#(members)}"#))
        return try #require(Overview(json: value))
    }

    @Test("The broker's own names decide: of the node that answers, and of all in its cluster")
    func nodes() throws {
        func place(_ members: String) throws -> BrokerPlace { BrokerLocator.place(of: try overview(members), machine) }
        #expect(try place(#""node":"rabbit@desk-1""#) == .thisMachine)
        #expect(try place(#""node":"rt12@localhost""#) == .thisMachine)
        #expect(try place(#""node":"rabbit@web-7""#) == .elsewhere("it is the node rabbit@web-7"))
        let second = #""listeners":[{"node":"rabbit@web-8","protocol":"amqp","ip_address":"::","port":5672}]"#
        #expect(try place(#""node":"rabbit@desk-1",\#(second)"#) == .elsewhere("it is the node rabbit@web-8"))
        // What is not known is not taken for this machine.
        #expect(try place(#""cluster_name":"production""#) == .elsewhere("it is the cluster production"))
        #expect(try place(#""rates_mode":"basic""#) != .thisMachine)
        #expect(try place(#""cluster_name":"rabbit@desk-1.office.example""#) == .thisMachine)
    }

    /// Answers every request with this overview, on the loopback interface.
    private func withManagement(
        _ node: String, _ body: (BrokerConfiguration) async throws -> Void
    ) async throws {
        let json = #"{"management_version":"3.10.8","node":"\#(node)","listeners":[]}"#
        try await APIServer.with { _ in
            .json(json)
        } _: { server in
            try await body(BrokerConfiguration(management: server.configuration))
        }
    }

    private struct Recorder: FaultInjector {
        func inject(_ order: FaultOrder) async throws(FaultError) -> FaultInjection { FaultInjection(note: "done") }
    }

    @Test("The end of a tunnel is on the loopback interface, and no fault passes it")
    func tunnel() async throws {
        let machine = machine
        try await withManagement("rabbit@web-7") { link in
            let locator = BrokerLocator(
                link, addresses: { IPAddress($0).map { [$0] } ?? [] }, machine: { machine })
            let registry = FaultRegistry(injectors: [.broker: GuardedFaults(Recorder(), locator)])
            let error = await #expect(throws: FaultError.self) {
                try await registry.inject(Fault("policy-ttl", on: FaultSelector(queue: "orders")))
            }
            #expect(error?.kind == .notPermitted && error?.problem.contains("rabbit@web-7") == true)
            #expect(error?.advice.contains("--allow-faults") == true)
            #expect(await registry.inForce.isEmpty)
        }
    }

    @Test("A node of this machine lets them through")
    func here() async throws {
        let machine = machine
        try await withManagement("rabbit@desk-1") { link in
            let locator = BrokerLocator(
                link, addresses: { IPAddress($0).map { [$0] } ?? [] }, machine: { machine })
            let registry = FaultRegistry(injectors: [.broker: GuardedFaults(Recorder(), locator)])
            let record = try await registry.inject(Fault("policy-ttl", on: FaultSelector(queue: "orders")))
            #expect(record.note == "done")
        }
    }

    @Test("This machine knows itself")
    func current() async {
        let current = await ThisMachine.current()
        #expect(!current.names.isEmpty)
        #expect(await BrokerLocator.place(ofHost: "localhost") == .thisMachine)
        #expect(
            await BrokerLocator.place(ofHost: "192.0.2.2") == .elsewhere("192.0.2.2 is not of the loopback interface"))
    }
}
