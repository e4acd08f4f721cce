import RabbitMQClient
import RabbitMQManagement
import Testing

@testable import BrokerMonitor

@Suite struct BrokerAddressTests {
    private func overview(_ listeners: String) throws -> Overview {
        let json = try #require(
            JSONValue(parsing: #"{"management_version":"4.0.5","node":"rabbit@a","listeners":[\#(listeners)]}"#))
        return try #require(Overview(json: json))
    }

    private let configuration = BrokerConfiguration(
        management: ManagementConfiguration(
            address: ManagementAddress(host: "broker.example", port: 15672), username: "u"))

    @Test func theManagementHostStandsForAnAddressThatMeansAny() throws {
        let overview = try overview(
            #"{"node":"rabbit@a","protocol":"amqp","ip_address":"::","port":5673},"#
                + #"{"node":"rabbit@a","protocol":"http/prometheus","ip_address":"::","port":15692}"#)
        let amqp = try #require(BrokerAddress.amqp(configuration, overview).address)
        #expect(amqp.host == "broker.example" && amqp.port == 5673 && amqp.username == "u")
        let prometheus = BrokerAddress.prometheus(configuration, overview)
        #expect(prometheus == ["rabbit@a": ManagementAddress(host: "broker.example", port: 15692)])
    }

    @Test func noPasswordGoesToAHostThatOnlyTheBrokerNames() throws {
        let far = #"{"node":"rabbit@far","protocol":"amqp","ip_address":"192.0.2.2","port":5672}"#
        let finding = BrokerAddress.amqp(configuration, try overview(far))
        #expect(finding.address == nil && finding.problem.contains("192.0.2.2:5672"))
        let named = #"{"node":"rabbit@far.example","protocol":"amqp","ip_address":"::","port":5672}"#
        #expect(BrokerAddress.amqp(configuration, try overview(named)).problem.contains("far.example:5672"))
        // Another node on the same host is near enough, whatever is listed first.
        let near = #"{"node":"b@localhost","protocol":"amqp","ip_address":"127.0.0.1","port":5673}"#
        #expect(BrokerAddress.amqp(configuration, try overview(far + "," + near)).address?.port == 5673)
        var given = configuration
        given.amqp = ConnectionConfiguration(host: "192.0.2.2")
        #expect(BrokerAddress.amqp(given, try overview(far)).address?.host == "192.0.2.2")
    }

    @Test func otherNodesAreFoundByTheirNames() throws {
        let overview = try overview(
            #"{"node":"rabbit@b.example","protocol":"http/prometheus","ip_address":"::","port":15692},"#
                + #"{"node":"c@localhost","protocol":"http/prometheus","ip_address":"127.0.0.1","port":15693},"#
                + #"{"node":"rabbit@d","protocol":"http/prometheus","ip_address":"10.0.0.4","port":15694}"#)
        let found = BrokerAddress.prometheus(configuration, overview)
        #expect(found["rabbit@b.example"]?.host == "b.example")
        #expect(found["c@localhost"]?.host == "broker.example")
        #expect(found["rabbit@d"]?.host == "10.0.0.4")
    }

    @Test func theAMQPListenerOfTheNodeThatAnswersIsPreferred() throws {
        let overview = try overview(
            #"{"node":"rabbit@b","protocol":"amqp","ip_address":"::","port":1},"#
                + #"{"node":"rabbit@a","protocol":"amqp/ssl","ip_address":"::","port":2},"#
                + #"{"node":"rabbit@a","protocol":"amqp","ip_address":"::","port":3}"#)
        #expect(BrokerAddress.amqp(configuration, overview).address?.port == 3)
        var secure = configuration
        secure.amqpTLS = TLSSettings()
        #expect(BrokerAddress.amqp(secure, overview).address?.port == 2)
        var given = configuration
        given.amqp = ConnectionConfiguration(host: "elsewhere", port: 9)
        #expect(BrokerAddress.amqp(given, overview).address?.host == "elsewhere")
        #expect(BrokerAddress.amqp(configuration, try self.overview("")).address == nil)
    }
}
