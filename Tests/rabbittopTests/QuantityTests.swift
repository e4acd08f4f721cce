import Testing

@testable import rabbittop

@Suite("Times and sizes with units")
struct QuantityTests {
    @Test(arguments: [
        ("90s", 90.0), ("30m", 1_800), ("48h", 172_800), ("7d", 604_800), ("1.5h", 5_400), ("2w", 1_209_600),
    ])
    func times(text: String, seconds: Double) {
        #expect(Quantity.seconds(text) == seconds)
    }

    @Test(arguments: ["", "h", "48", "-1h", "1h30m", "0s", "1e9d", "99999d", "nan", "infs", "4 h", "٣h", "1h\r\n"])
    func noTimes(text: String) {
        #expect(Quantity.seconds(text) == nil)
    }

    @Test(arguments: [
        ("500MB", 500_000_000), ("2GB", 2_000_000_000), ("1GiB", 1 << 30), ("1.5k", 1_500), ("64mib", 64 << 20),
        ("12B", 12),
    ])
    func sizes(text: String, bytes: Int) {
        #expect(Quantity.bytes(text) == bytes)
    }

    @Test(arguments: ["", "GB", "2", "-1GB", "999999999999TB", "1e3GB", "2 GB", "nanB"])
    func noSizes(text: String) {
        #expect(Quantity.bytes(text) == nil)
    }

    @Test("A side of diff is a file, or a file with a time after the last @")
    func sides() {
        #expect(DiffCommand.parts("/missing/a.sqlite@-1h") == ("/missing/a.sqlite", "-1h"))
        #expect(DiffCommand.parts("/missing/a@b.sqlite@03:12") == ("/missing/a@b.sqlite", "03:12"))
        #expect(DiffCommand.parts("/missing/a.sqlite") == ("/missing/a.sqlite", nil))
    }
}
