import Names
import Testing

@testable import RabbitMQManagement

@Suite struct ByteNamesTests {
    @Test func keysThatLookTheSameAreTwoMembers() throws {
        let text = "{\"cafe\u{301}\":6,\"caf\u{E9}\":2}"
        let value = try #require(JSONValue(parsing: text))
        #expect(value.members?.count == 2)
        #expect(value.members?[Name("caf\u{E9}")] == .integer(2))
        #expect(Name(value.jsonText) == Name(text))
    }

    @Test func stepsOfAPathAreNoNames() {
        #expect(RequestPath("queues", "/", ".").unaddressable == ".")
        #expect(RequestPath("queues").in("..").unaddressable == "..")
        #expect(RequestPath("queues", "/", "...").unaddressable == nil)
    }
}
