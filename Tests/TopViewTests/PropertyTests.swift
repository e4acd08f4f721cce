import Foundation
import Screen
import Testing

@testable import TopCore
@testable import TopView

/// What holds for every view at every size.
@Suite("Screens of all sizes")
struct PropertyTests {
    /// Sizes from nothing to more than anybody has, those around each change of layout among them.
    static let sizes: [Size] = {
        let widths = [0, 1, 7, 39, 40, 41, 59, 60, 79, 80, 99, 109, 110, 119, 120, 139, 140, 159, 160, 211, 300]
        let heights = [0, 1, 9, 10, 11, 13, 14, 19, 20, 24, 27, 28, 40, 61, 100]
        var sizes: [Size] = []
        for (index, width) in widths.enumerated() {
            // A fifth of the combinations, each width with several heights.
            for (place, height) in heights.enumerated() where (index + place).isMultiple(of: 5) {
                sizes.append(Size(width: width, height: height))
            }
        }
        return sizes
    }()

    static let states: [String: State] = {
        var states: [String: State] = [:]
        for view in ViewID.allCases {
            states[view.rawValue] = Sample.state(view)
            states["lost \(view.rawValue)"] = Sample.lost(view)
            states["connecting \(view.rawValue)"] = Sample.connecting(view)
            states["rewound \(view.rawValue)"] = Sample.rewound(view, size: Size(width: 120, height: 40))
            states["replayed \(view.rawValue)"] = Sample.replayed(view, size: Size(width: 120, height: 40))
            states["faulty \(view.rawValue)"] = Sample.faulty(view, failing: true)
            var open = Sample.state(view)
            open.isDetailOpen = true
            open.detail = Sample.detail
            open.detailScroll = 1_000
            open.activities = Sample.activities()
            open.options.ascii = true
            states["detail \(view.rawValue)"] = open
        }
        states["difference"] = Sample.difference(size: Size(width: 120, height: 40))
        states["recording fails"] = Sample.recorded(.queues, size: Size(width: 120, height: 40), fails: true)
        var picking = Sample.permitted()
        picking.press("f")
        states["fault picker"] = picking
        for name in ["close-channel", "delay", "tune", "raise-channel"] {
            var form = Sample.faultForm(name)
            states["fault form \(name)"] = form
            form.press(.backTab)
            form.options.ascii = true
            states["fault button \(name)"] = form
        }
        for (name, overlay) in Sample.overlays {
            var state = Sample.alarmed(.queues)
            state.overlay = overlay
            states["overlay \(name)"] = state
        }
        return states
    }()

    @Test("The frame has the size asked for, and every target lies inside of it", arguments: states.keys.sorted())
    func bounds(_ name: String) throws {
        let state = try #require(Self.states[name])
        for size in Self.sizes {
            let rendering = render(state, size: size, zone: .utc)
            let frame = rendering.frame
            #expect(frame.size == size)
            #expect(frame.cells.count == size.width * size.height)
            #expect(rendering.tableRows >= 0 && rendering.tableRows <= size.height)
            for target in rendering.targets {
                #expect(!target.area.isEmpty, "\(size)")
                #expect(target.area == target.area.intersection(frame.bounds), "\(size): \(target)")
            }
            if let cursor = frame.cursor { #expect(frame.bounds.contains(cursor), "\(size)") }
            for y in 0..<size.height {
                #expect(TextWidth.columns(of: frame.text(ofRow: y)) <= size.width, "row \(y) of \(size)")
            }
        }
    }

    @Test("Targets of a screen do not overlap", arguments: states.keys.sorted())
    func overlaps(_ name: String) throws {
        let state = try #require(Self.states[name])
        for size in [Size(width: 40, height: 10), Size(width: 80, height: 24), Size(width: 200, height: 60)] {
            let targets = render(state, size: size, zone: .utc).targets
            for (index, target) in targets.enumerated() {
                for other in targets[..<index] {
                    #expect(
                        target.area.intersection(other.area).isEmpty,
                        "\(size): \(target.pointer) and \(other.pointer)")
                }
            }
        }
    }

    @Test("A click finds what is drawn there")
    func hits() throws {
        let size = Size(width: 120, height: 40)
        let rendering = render(Sample.state(.queues), size: size, zone: .utc)
        let lines = rendering.frame.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        func place(of word: String, in line: Int) throws -> Point {
            let text = lines[line]
            let range = try #require(text.range(of: word))
            return Point(x: TextWidth.columns(of: String(text[..<range.lowerBound])), y: line)
        }
        let tabs = try #require(lines.firstIndex { $0.contains("8 Events") })
        #expect(rendering.hit(try place(of: "Events", in: tabs)) == .view(.events))
        let heading = try #require(lines.firstIndex { $0.contains("UNACKED") })
        #expect(rendering.hit(try place(of: "UNACKED", in: heading)) == .heading(AnyColumnKey(QueueColumn.unacked)))
        #expect(rendering.hit(Point(x: 5, y: heading + 1)) == .row(0))
        let invoices = try #require(lines.firstIndex { $0.contains("invoices.retry") })
        #expect(rendering.hit(Point(x: 60, y: invoices)) == .row(invoices - heading - 1))
        #expect(rendering.hit(try place(of: "Help", in: size.height - 1)) == .command(.help))
        #expect(rendering.hit(Point(x: 0, y: 0)) == nil)
    }

    @Test("What lies behind a question cannot be clicked; its buttons can, and Cancel looks chosen")
    func overlayHits() throws {
        var state = Sample.state(.queues)
        state.overlay = Sample.purge
        let rendering = render(state, size: Size(width: 100, height: 30), zone: .utc)
        let pointers = rendering.targets.map(\.pointer)
        #expect(pointers.contains(.choice(0)))
        #expect(pointers.contains(.choice(1)))
        #expect(!pointers.contains(.row(0)))
        #expect(!pointers.contains(.view(.events)))
        #expect(rendering.frame.text.contains("[> Cancel <]"))
        #expect(rendering.frame.text.contains("[  Purge  ]"))
    }

    @Test("Figures that change move nothing", arguments: [Size(width: 80, height: 24), Size(width: 140, height: 40)])
    func steadiness(_ size: Size) {
        let before = render(Sample.state(.queues), size: size, zone: .utc)
        var state = Sample.state(.queues)
        var part = Sample.cluster(at: Sample.now, step: 3)
        part.overview.ready = 7
        part.overview.unacked = 12_345_678
        part.overview.publishRate = 0.3
        part.overview.deliverRate = 123_456
        part.overview.connections = 1
        _ = update(&state, .snapshot(.cluster(part)), at: Sample.now)
        let after = render(state, size: size, zone: .utc)
        // Letters that follow a blank begin labels: each is where it was.
        func labels(_ frame: Frame, _ y: Int) -> [Int] {
            let words = ["ready", "unacked", "pub", "dlv", "conn", "chan", "cons", "mem", "disk", "Publish", "Memory"]
            let text = frame.text(ofRow: y)
            return words.map { word in
                text.range(of: word).map { TextWidth.columns(of: String(text[..<$0.lowerBound])) } ?? -1
            }
        }
        for y in 0..<4 { #expect(labels(before.frame, y) == labels(after.frame, y), "row \(y)") }
        #expect(before.targets == after.targets)
    }

    @Test("ASCII screens have no other character than those in names")
    func ascii() {
        for view in [ViewID.overview, .nodes, .client, .connections] {
            for base in [Sample.state(view), Sample.lost(view), Sample.frozen(view), Sample.faulty(view)] {
                var state = base
                state.options.ascii = true
                state.isDetailOpen = true
                state.activities = Sample.activities()
                let text = render(state, size: Size(width: 120, height: 40), zone: .utc).frame.text
                let names = Set("订单队列中国区服务طلبات الشحن🚚🇩🇪é\u{301}×".unicodeScalars)
                let foreign = text.unicodeScalars.filter { !$0.isASCII && !names.contains($0) }
                #expect(foreign.isEmpty, "\(view): \(String(String.UnicodeScalarView(foreign)))")
            }
        }
    }

    @Test("Without colour nothing has one")
    func monochrome() {
        for view in ViewID.allCases {
            var state = Sample.alarmed(view)
            state.options.color = false
            let frame = render(state, size: Size(width: 120, height: 40), zone: .utc).frame
            #expect(frame.cells.allSatisfy { $0.style.foreground == .default && $0.style.background == .default })
        }
    }

    @Test("The selected row is marked by a character, and all along the row")
    func selection() throws {
        for theme in Theme.names {
            var state = Sample.state(.queues)
            state.options.theme = theme
            let size = Size(width: 90, height: 24)
            let frame = render(state, size: size, zone: .utc).frame
            let y = try #require((0..<size.height).first { frame.text(ofRow: $0).hasPrefix(">") })
            let plain = try #require(frame[size.width - 1, y + 1]?.style)
            for x in 0..<size.width { #expect(frame[x, y]?.style.background != plain.background || theme == "mono") }
            if theme == "mono" {
                #expect((0..<size.width).allSatisfy { frame[$0, y]?.style.attributes.contains(.reverse) == true })
            }
        }
    }

    @Test("A frozen, lost or unreachable screen never says live in its header")
    func freshness() {
        for view in ViewID.allCases {
            for size in [Size(width: 40, height: 10), Size(width: 80, height: 24), Size(width: 160, height: 50)] {
                let frozen = render(Sample.frozen(view), size: size, zone: .utc).frame.text(ofRow: 0)
                #expect(frozen.contains("FROZEN") && !frozen.contains("live"))
                let lost = render(Sample.lost(view), size: size, zone: .utc).frame.text(ofRow: 0)
                #expect(lost.contains("LOST") && !lost.contains("live"))
                let new = render(Sample.connecting(view), size: size, zone: .utc).frame.text(ofRow: 0)
                #expect(new.contains("unreachable") && !new.contains("live"))
            }
        }
    }

    @Test("Every fault in force is named on every view, or counted; one that could not be undone comes first")
    func banner() throws {
        for view in ViewID.allCases {
            let size = Size(width: 80, height: 24)
            let lines = render(Sample.faulty(view), size: size, zone: .utc).frame.text.split(separator: "\n")
            let line = try #require(lines.first { $0.contains("FAULTS 2") })
            #expect(line.contains("latency #3 on orders-service, 24s left"))
            #expect(line.contains("+1 more") || line.contains("swallow #5"))
            #expect(!line.contains("close-channel"))
            let quiet = render(Sample.state(view), size: size, zone: .utc)
            #expect(!quiet.frame.text.contains("FAULTS"))
            let failing = render(Sample.faulty(view, failing: true), size: size, zone: .utc).frame
            let failed = try #require(failing.text.split(separator: "\n").first { $0.contains("FAULTS 2") })
            #expect(failed.contains("! latency #3 on orders-service, undoing it failed"))
        }
        let size = Size(width: 40, height: 10)
        #expect(
            render(Sample.faulty(.queues), size: size, zone: .utc).frame.text.contains("FAULTS 2  latency #3, 24s left")
        )
    }

    @Test("Nothing from outside reaches the terminal as a control character")
    func escapes() throws {
        for view in ViewID.allCases {
            let text = render(Sample.state(view), size: Size(width: 300, height: 100), zone: .utc).frame.text
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        }
        let queues = render(Sample.state(.queues), size: Size(width: 120, height: 40), zone: .utc).frame.text
        #expect(queues.contains("bad\\x1b[31mname\\nwith breaks"))
    }
}
