import Faults
import Foundation
import Screen
import Testing

@testable import TopCore

@Suite struct FaultPickerTests {
    @Test func theFaultsThatFitTheRowAreListedByTheirRooms() throws {
        var state = faultState()
        state.select(shopChannel)
        #expect(state.type(.character("f")) == [])
        let picker = try #require(state.picker)
        #expect(picker.title == "Fault: channel 3 of shop")
        let names = picker.choices.compactMap { choice -> String? in
            if case .fault(let name, _) = choice.effect { name } else { nil }
        }
        #expect(Set(names) == Set(FaultCatalogue.all.filter { $0.targets.contains(.channel) }.map(\.name)))
        #expect(names.contains("close-channel"))
        #expect(!names.contains("half-open"))
        // Those of one room stand together.
        let groups = picker.choices.compactMap(\.group)
        #expect(groups.count == picker.choices.count)
        #expect(zip(groups, groups.dropFirst()).count { $0 != $1 } == Set(groups).count - 1)
    }

    @Test func roomsThatAreNotThereAreSaidToBeMissing() throws {
        var state = faultState(injectionPoints: [.own])
        state.select(shopChannel)
        state.type(.character("f"))
        let picker = try #require(state.picker)
        let missing = try #require(picker.choices.first { $0.disabled?.contains("--proxy") == true })
        let count = FaultCatalogue.all.count { $0.injectionPoint == .proxy && $0.targets.contains(.channel) }
        #expect(missing.label == "\(count) more")
        #expect(
            picker.choices.allSatisfy {
                if case .fault(let name, _) = $0.effect { FaultCatalogue[name]?.injectionPoint == .own } else { true }
            })
    }

    @Test func whatNeedsAClusterIsNotOfferedOnOneNode() throws {
        var state = faultState(.nodes)
        state.send(.cluster(ClusterPart(at: noon, nodes: [NodeRow(name: "rabbit@a", running: true)])))
        state.type(.character("f"))
        func disabled(_ title: String) throws -> String? {
            try #require(state.picker?.choices.first { $0.label == title }).disabled
        }
        #expect(try disabled("Partition of the cluster")?.hasPrefix("needs a cluster") == true)
        #expect(try disabled("Kill the node") == nil)
        state.type(.escape)
        let both = ["rabbit@a", "rabbit@b"].map { NodeRow(name: $0, running: true) }
        state.send(.cluster(ClusterPart(at: noon, nodes: both)))
        state.type(.character("f"))
        #expect(try disabled("Partition of the cluster") == nil)
    }

    @Test func typingNarrowsAndEscWidensBeforeItCloses() throws {
        var state = faultState()
        state.select(shopChannel)
        state.type(.character("f"))
        state.type(text: "close q")
        #expect(state.picker?.shown == [])
        #expect(state.type(.enter) == [])
        #expect(state.picker != nil)
        state.type(.backspace, .backspace)
        let shown = try #require(state.picker?.shown)
        #expect(shown.count >= 2)
        #expect(state.picker.map { $0.choices[$0.selected].hint }?.contains("close") == true)
        state.type(.end, .up)
        #expect(state.picker?.selected == shown[shown.count - 2])
        state.type(.escape)
        #expect(state.picker?.filter?.text == "")
        state.type(.escape)
        #expect(state.overlay == nil)
    }

    @Test func disarmedItSaysWhyAndWhatToDo() {
        var state = faultState {
            $0.faults = FaultPermission(
                injectionPoints: [.proxy], isLoopback: false, isAllowed: false, isReadOnly: false)
        }
        #expect(state.type(.character("f")) == [])
        #expect(state.overlay == nil)
        #expect(state.notice?.text.contains("--allow-faults") == true)
        #expect(!Bindings.footer(for: state).map(\.command).contains(.fault))
        #expect(state.send(.pointer(.command(.fault))) == [])
        #expect(state.overlay == nil)
        // Not even what was made elsewhere gets out.
        #expect(state.start(.injectFault(latency)) == [])
    }

    @Test func readOnlyRefusesIt() {
        var state = faultState { $0.readOnly = true }
        #expect(state.type(.character("f")) == [])
        #expect(state.overlay == nil)
        #expect(state.notice?.text.hasPrefix("Read-only: f ") == true)
    }

    @Test func whereThereIsNoRowItSaysSo() {
        var state = makeState {
            $0.initialView = .queues
            $0.faults = .permitted([.proxy])
        }
        state.type(.character("f"))
        #expect(state.overlay == nil)
        #expect(state.notice?.text == "Nothing is selected that f (fault) could work on")
        #expect(!Bindings.footer(for: state).map(\.command).contains(.fault))
    }

    @Test func theFooterOffersItWhereThereIsATargetAndNowhereElse() {
        var state = faultState(.events)
        state.send(.entries([ledgerEntry("alarm"), ledgerEntry("closed", connection: shop, channel: 3)], dropped: 0))
        for id in state.events.sortedRows.map(\.rowID) {
            state.select(id)
            #expect(state.hasFaultTarget == (state.faultTarget != nil))
        }
        #expect(state.events.sortedRows.count == 2)
        for view in ViewID.allCases {
            state.view = view
            #expect(state.hasFaultTarget == (state.faultTarget != nil), "\(view)")
        }
    }

    @Test func itStandsInFooterAndHelp() {
        let state = faultState()
        #expect(Bindings.footer(for: state).contains { $0.keyLabel == "f" && $0.label == "Fault" })
        #expect(Bindings.help(for: state).flatMap(\.items).contains { $0.keys == "f" })
    }
}

@Suite struct FaultFormTests {
    @Test func whatHappensOnceIsAimedAtThisVeryConnection() throws {
        var state = faultState()
        try state.openFault("close-channel", on: shopChannel)
        #expect(state.form?["selector.connection"]?.editor.text == shop.text)
        #expect(state.form?["selector.channel"]?.editor.text == "3")
        #expect(state.form?["selector.user"]?.editor.text == "")
        #expect(state.form?["duration"] == nil)
        let expected = Fault("close-channel", on: FaultSelector(connection: shop.text, channel: 3))
        #expect(state.type(.enter) == [.start(OperationID(1), .injectFault(expected))])
        #expect(state.overlay == nil)
        #expect(state.activities.map(\.title) == ["fault close-channel on channel 3 of \(shop)"])
    }

    @Test func whatLastsIsAimedAtTheClientWhereItsNameIsItsOwn() throws {
        var state = faultState(.connections)
        try state.openFault("latency", on: .connection(shop))
        #expect(state.form?["selector.connection"]?.editor.text == "shop")
        state.type(.escape)
        try state.openFault("latency", on: .connection(orders))
        #expect(state.form?["selector.connection"]?.editor.text == orders.text)
    }

    @Test func everyFieldGetsIntoTheFault() throws {
        var state = faultState()
        try state.openFault("delay", on: shopChannel)
        #expect(state.form?["parameter.delay_ms"]?.label == "Delay")
        #expect(state.form?["parameter.delay_ms"]?.hint.hasPrefix("ms, 1 to 600,000") == true)
        try state.fill("parameter.delay_ms", "2500")
        state.type(.backTab, .right)
        #expect(state.form?["parameter.what"]?.editor.text == "confirms")
        try state.fill("selector.queue", "carts")
        #expect(state.form?["selector.percentage"] == nil)
        while state.form.map({ $0.fields[$0.focus].key }) != "how_often" { state.type(.tab) }
        state.type(.space)
        #expect(state.form.map { $0.fields[$0.focus].key } == "how_often")
        try state.fill("selector.percentage", "12.5")
        try state.fill("selector.every", "3")
        try state.fill("selector.after_messages", "100")
        try state.fill("selector.times", "7")
        try state.fill("duration", "45")
        try state.fill("seed", "99")
        let expected = Fault(
            "delay", ["what": "confirms", "delay_ms": 2_500],
            on: FaultSelector(
                connection: "shop", queue: "carts", channel: 3, percentage: 12.5, every: 3, afterMessages: 100,
                times: 7),
            for: 45, seed: 99)
        #expect(state.type(.enter) == [.start(OperationID(1), .injectFault(expected))])
    }

    @Test func foldedAwayHowOftenIsEveryTime() throws {
        var state = faultState()
        try state.openFault("swallow", on: shopChannel)
        while state.form.map({ $0.fields[$0.focus].key }) != "how_often" { state.type(.tab) }
        state.type(.right)
        try state.fill("selector.every", "nonsense")
        while state.form.map({ $0.fields[$0.focus].key }) != "how_often" { state.type(.backTab) }
        state.type(.left)
        #expect(state.form?["selector.every"] == nil)
        let expected = Fault("swallow", on: FaultSelector(connection: "shop", channel: 3))
        #expect(state.type(.enter) == [.start(OperationID(1), .injectFault(expected))])
    }

    @Test(arguments: [
        ("close-channel", "parameter.code", "99"), ("close-channel", "parameter.code", "many"),
        ("close-channel", "parameter.text", String(repeating: "x", count: 256)),
        ("close-channel", "selector.channel", "0"), ("close-channel", "selector.channel", "three"),
        ("latency", "duration", "0"), ("latency", "duration", "86401"), ("latency", "duration", "soon"),
        ("latency", "seed", "-1"), ("latency", "parameter.delay_ms", ""),
    ])
    func whatIsWrongIsSaidAtTheField(_ fault: String, _ key: String, _ text: String) throws {
        var state = faultState()
        try state.openFault(fault, on: shopChannel)
        try state.fill(key, text)
        #expect(state.type(.enter) == [])
        #expect(state.form?[key]?.problem != nil)
        #expect(state.form.map { $0.fields[$0.focus].key } == key)
        #expect(state.form?.fields.count { $0.problem != nil } == 1)
        state.type(.character("1"))
        #expect(state.form?[key]?.problem == nil)
    }

    @Test func aNumberOfHowOftenIsCheckedAtItsField() throws {
        var state = faultState()
        try state.openFault("swallow", on: shopChannel)
        while state.form.map({ $0.fields[$0.focus].key }) != "how_often" { state.type(.tab) }
        state.type(.space)
        try state.fill("selector.percentage", "101")
        #expect(state.type(.enter) == [])
        #expect(state.form?["selector.percentage"]?.problem != nil)
    }

    @Test("Each fault of the catalogue can be ordered from its form, or says at a field what it still needs")
    func theWholeCatalogue() throws {
        for description in FaultCatalogue.all {
            for kind in description.targets {
                var target = FaultTarget([kind], title: "the row")
                (target.connection, target.channel, target.user) = (shop, 3, "shop")
                (target.vhost, target.queue, target.exchange, target.node) = ("/", "carts", "events", "rabbit@a")
                let form = Form(description, at: target)
                #expect(Set(form.fields.map(\.key)).count == form.fields.count, "\(description.name)")
                var reader = FaultFormReader(form: form, description: description)
                let fault = reader.fault()
                let needs = description.parameters.contains {
                    $0.value == nil && form["parameter.\($0.name)"]?.editor.text == ""
                }
                if needs {
                    #expect(reader.form.fields.contains { $0.problem != nil }, "\(description.name)")
                } else {
                    #expect(reader.form.fields.allSatisfy { $0.problem == nil }, "\(description.name)")
                    _ = try FaultCatalogue.order(fault)
                }
            }
        }
    }

    @Test("What nobody can bring back is asked about, with Cancel as the default")
    func destructive() throws {
        for description in FaultCatalogue.all where description.isDestructive {
            var state = faultState()
            var target = FaultTarget(description.targets, title: "the row")
            (target.connection, target.channel, target.user) = (shop, 3, "shop")
            (target.vhost, target.queue, target.exchange, target.node) = ("/", "carts", "events", "rabbit@a")
            state.overlay = .form(Form(description, at: target))
            #expect(state.type(.enter) == [], "\(description.name)")
            let question = try #require(state.confirmation, "\(description.name)")
            #expect(question.focus == .cancel)
            #expect(question.lines.last == description.undo ?? "This cannot be undone.")
            #expect(state.type(.enter) == [])
            #expect(state.overlay == nil)
        }
    }
}
