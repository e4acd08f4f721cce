import MessageRouting
import Testing

@testable import rabbittop

@Suite struct HeaderArgumentTests {
    @Test("A text after =, a value of JSON after :=")
    func values() {
        let values: [(String, HeaderValue)] = [
            ("a=10", "10"), ("a:=10", 10), ("a:=1.5", .floating(1.5)), ("a:=true", true), ("a:=null", .void),
            ("a:=\"x\"", "x"), ("a:=[\"k\",2]", ["k", 2]), ("a=", ""), ("a=b=c", "b=c"), ("a=:=", ":="),
        ]
        for (argument, value) in values {
            #expect(HeaderArgument(argument)?.value == value, "\(argument)")
            #expect(HeaderArgument(argument)?.name == "a", "\(argument)")
        }
    }

    @Test(
        "What is no header is refused",
        arguments: [
            "a", "=x", ":=1", "a:=", "a:=ten", "a:={}", "a:=[{}]", "a:=99999999999999999999",
        ])
    func refused(_ argument: String) {
        #expect(HeaderArgument(argument) == nil)
    }

    @Test("A name has 255 bytes at the most")
    func long() {
        #expect(HeaderArgument(String(repeating: "n", count: 255) + "=x") != nil)
        #expect(HeaderArgument(String(repeating: "n", count: 256) + "=x") == nil)
    }
}
