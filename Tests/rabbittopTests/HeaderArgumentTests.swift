import MessageRouting
import Names
import Testing
import TopCore

@testable import rabbittop

@Suite struct HeaderArgumentTests {
    @Test("A text after =, whatever it looks like")
    func texts() {
        for (argument, text) in [("a=10", "10"), ("a=", ""), ("a=b=c", "b=c"), ("a=:int=", ":int=")] {
            #expect(HeaderArgument(text: argument)?.value == .text(Name(text)), "\(argument)")
            #expect(HeaderArgument(text: argument)?.name == "a", "\(argument)")
        }
    }

    @Test("A value of the type that is named")
    func typed() {
        let values: [(String, TypedHeaderValue)] = [
            ("a:int=10", .integer(10)), ("a:double=1.5", .number(1.5)), ("a:bool=true", .flag(true)),
            ("a:void=", .void), ("a:string=x=y", .text("x=y")), ("a:base64=AP8=", .bytes([0, 0xFF])),
            ("a:timestamp=7", .time(7)),
            ("a:list=[\"k\",2,[null,true]]", .list([.text("k"), .integer(2), .list([.void, .flag(true)])])),
        ]
        for (argument, value) in values {
            #expect(HeaderArgument(typed: argument)?.value == value, "\(argument)")
            #expect(HeaderArgument(typed: argument)?.name == "a", "\(argument)")
        }
        #expect(HeaderArgument(typed: "a:b:int=1")?.name == "a:b")
    }

    @Test("What is no header is refused")
    func refused() {
        for argument in ["a", "=x", ""] { #expect(HeaderArgument(text: argument) == nil, "\(argument)") }
        for argument in [
            "a", "a=1", ":int=1", "a:int=", "a:int=ten", "a:list={}", "a:list=[{}]", "a:list=1", "a:list=[",
            "a:list=[99999999999999999999]", "a:nothing=1",
        ] {
            #expect(HeaderArgument(typed: argument) == nil, "\(argument)")
        }
    }

    @Test("A name has 255 bytes at the most")
    func long() {
        let (fits, long) = (String(repeating: "n", count: 255), String(repeating: "n", count: 256))
        #expect(HeaderArgument(text: fits + "=x") != nil && HeaderArgument(typed: fits + ":int=1") != nil)
        #expect(HeaderArgument(text: long + "=x") == nil && HeaderArgument(typed: long + ":int=1") == nil)
    }

    @Test("publish and route take headers in the same words")
    func sameWords() throws {
        let headers = ["--header", "a=1", "--typed-header", "pages:int=10"]
        let publish = try PublishCommand.parse(headers)
        let route = try RouteCommand.parse(headers)
        #expect(route.headers.routed == HeaderTable([.init(name: "a", value: "1"), .init(name: "pages", value: 10)]))
        #expect(publish.headers.routed == route.headers.routed)
        for wrong in [["--header", "a"], ["--typed-header", "a=1"]] {
            #expect(throws: (any Error).self) { try PublishCommand.parse(wrong) }
            #expect(throws: (any Error).self) { try RouteCommand.parse(wrong) }
        }
    }
}
