import Screen
import Testing

@testable import Terminal

@Suite("Colours on terminals that have fewer")
struct PaletteTests {
    @Test(
        "Each of the 256 colours has a nearest basic one",
        arguments: [(0, 0), (9, 9), (196, 9), (46, 10), (21, 4), (231, 15), (16, 0), (244, 8), (255, 7), (208, 3)])
    func nearest(index: Int, expected: Int) {
        #expect(Palette.nearestBasic(to: UInt8(index)) == expected)
    }

    @Test("With 256 colours nothing is changed; with 8 a bright foreground is bold")
    func numbers() {
        let full = Palette(count: 256, hasDefaults: true)
        #expect(full.number(of: .indexed(208), in: .foreground).number == 208)
        #expect(full.number(of: .default, in: .background).number == -1)
        let eight = Palette(count: 8, hasDefaults: false)
        #expect(eight.number(of: .indexed(196), in: .foreground) == (1, true))
        #expect(eight.number(of: .indexed(196), in: .background) == (1, false))
        #expect(eight.number(of: .default, in: .foreground).number == 7)
        #expect(eight.number(of: .default, in: .background).number == 0)
        #expect(eight.number(of: .indexed(240), in: .foreground) == (7, false))
        #expect(
            Palette(count: 1 << 24, hasDefaults: true).number(of: .indexed(196), in: .foreground).number == 0xFF0000)
        for index in UInt8.min...UInt8.max {
            #expect((0..<8).contains(eight.number(of: .indexed(index), in: .background).number))
        }
    }

    @Test("A pair is set up once, and pair 0 never")
    func pairsAreCached() {
        var made: [Int32] = []
        withTable(pairLimit: 64) { table in
            let red = Style(foreground: .red)
            #expect(table.entry(for: red).pair == 1)
            #expect(table.entry(for: red.adding(.bold)).pair == 1)
            #expect(table.entry(for: Style(foreground: .red, background: .blue)).pair == 2)
            #expect(table.entry(for: .plain).pair == 0)
            #expect(table.entry(for: Style(attributes: .bold)).pair == 0)
        } log: {
            made = $0
        }
        #expect(made == [1, 2])
    }

    @Test("When the pairs run out, a foreground is kept and a background stays visible")
    func pairsRunOut() {
        withTable(pairLimit: 3) { table in
            #expect(table.entry(for: Style(foreground: .red)).pair == 1)
            #expect(table.entry(for: Style(foreground: .green)).pair == 2)
            let third = table.entry(for: Style(foreground: .red, background: .blue))
            #expect(third.pair == 1)
            #expect(third.attributes == UInt16(Attributes.reverse.rawValue))
            #expect(table.entry(for: Style(foreground: .cyan)).pair == 0)
        }
    }

    @Test("Without colours attributes are all there is")
    func monochrome() {
        var table = StyleTable(palette: Palette(count: 0, hasDefaults: false), pairLimit: 0) { _, _, _ in
            Issue.record("No pair may be asked for")
            return false
        }
        let entry = table.entry(for: Style(foreground: .red, background: .blue, attributes: [.bold, .underline]))
        #expect(entry.pair == 0)
        #expect(entry.attributes == UInt16(Attributes([.bold, .underline]).rawValue))
    }

    private func withTable(
        pairLimit: Int32, _ body: (inout StyleTable) -> Void, log: ([Int32]) -> Void = { _ in }
    ) {
        var made: [Int32] = []
        withoutActuallyEscaping({ (pair: Int32, _: Int32, _: Int32) -> Bool in
            made.append(pair)
            return true
        }) { setPair in
            var table = StyleTable(
                palette: Palette(count: 256, hasDefaults: true), pairLimit: pairLimit, setPair: setPair)
            body(&table)
        }
        log(made)
    }
}
