import Names
import Testing

@Suite("A struct whose texts go by their bytes")
struct ByBytesTests {
    struct Key: Hashable {
        @ByBytes var vhost: String
        @ByBytes var owner: String?
    }

    @Test("Equality and hashing go by bytes, and the texts are read as Strings")
    func key() {
        let composed = Key(vhost: "caf\u{e9}", owner: nil)
        let decomposed = Key(vhost: "cafe\u{301}", owner: nil)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, Key(vhost: "caf\u{e9}", owner: nil)]).count == 2)
        #expect(Key(vhost: "/", owner: "caf\u{e9}") != Key(vhost: "/", owner: "cafe\u{301}"))
        #expect(Key(vhost: "/", owner: "") != Key(vhost: "/", owner: nil))
        var changed = composed
        changed.owner = "me"
        #expect(changed.owner == "me")
        #expect(changed != composed)
    }
}
