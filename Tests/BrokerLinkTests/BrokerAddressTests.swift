import RabbitMQClient
import RabbitMQManagement
import Testing

@testable import BrokerLink

@Suite struct BrokerAddressTests {
    private func overview(_ listeners: String) throws -> Overview {
        let json = try #require(
            JSONValue(parsing: #"{"management_version":"4.0.5","node":"rabbit@a","listeners":[\#(listeners)]}"#))
        return try #require(Overview(json: json))
    }

    private let configuration = BrokerLinkConfiguration(
        management: ManagementConfiguration(
            address: ManagementAddress(host: "broker.example", port: 15672), username: "u"))

    @Test func theManagementHostStandsForAnAddressThatMeansAny() throws {
        let overview = try overview(
            #"{"node":"rabbit@a","protocol":"amqp","ip_address":"::","port":5673},"#
                + #"{"node":"rabbit@a","protocol":"http/prometheus","ip_address":"::","port":15692}"#)
        let amqp = try #require(BrokerAddress.amqp(configuration, overview))
        #expect(amqp.host == "broker.example" && amqp.port == 5673 && amqp.username == "u")
        let prometheus = BrokerAddress.prometheus(configuration, overview)
        #expect(prometheus == ["rabbit@a": ManagementAddress(host: "broker.example", port: 15692)])
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
        #expect(BrokerAddress.amqp(configuration, overview)?.port == 3)
        var secure = configuration
        secure.amqpTLS = TLSSettings()
        #expect(BrokerAddress.amqp(secure, overview)?.port == 2)
        var given = configuration
        given.amqp = ConnectionConfiguration(host: "elsewhere", port: 9)
        #expect(BrokerAddress.amqp(given, overview)?.host == "elsewhere")
        #expect(BrokerAddress.amqp(configuration, try self.overview("")) == nil)
    }
}
