import RabbitMQManagement
import Testing

@Suite("Addresses")
struct AddressTests {
    @Test(
        arguments: [
            ("http://broker", "http://broker:15672"), ("https://broker/", "https://broker:15671"),
            ("broker:80", "http://broker:80"), ("http://[::1]:1234/a//b/", "http://[::1]:1234/a/b"),
            ("HTTPS://b:1", "https://b:1"),
        ])
    func valid(_ text: String, _ description: String) throws {
        #expect(try #require(ManagementAddress(text)).description == description)
    }

    @Test(
        arguments: [
            "", "ftp://b", "http://", "http://u:p@b", "b:0", "b:70000", "b:x", "::1", "[::1", "[::1]x", "b\n", "b/?x=1",
        ])
    func invalid(_ text: String) {
        #expect(ManagementAddress(text) == nil)
    }

    @Test func defaultPort() {
        #expect(ManagementAddress("broker", defaultPort: 15692)?.port == 15692)
    }
}
