import Faults
import Foundation
import Screen
import Testing

@testable import TopCore

private let shop = "10.0.0.9:40000 -> 10.0.0.1:5672"

/// Two connections of orders-service and one of shop, with channels and consumers.
private func bench(
    _ view: ViewID = .channels, rooms: Set<FaultDescription.Room> = Set(FaultDescription.Room.allCases),
    _ change: (inout State.Options) -> Void = { _ in }
) -> State {
    var state = makeState {
        $0.initialView = view
        $0.faults = .armed(rooms)
        change(&$0)
    }
    state.send(
        .connections(
            list([
                connection(orders) {
                    $0.clientName = "orders-service"
                    $0.user = "orders"
                    $0.vhost = "/"
                    $0.channels = 14
                },
                connection(billing) {
                    $0.clientName = "orders-service"
                    $0.user = "orders"
                    $0.vhost = "/"
                    $0.channels = 2
                },
                connection(shop) {
                    $0.clientName = "shop"
                    $0.user = "shop"
                    $0.vhost = "eu"
                    $0.channels = 1
                },
            ])))
    state.send(
        .channels(
            list([
                channel(orders, 1) {
                    $0.consumers = 9
                    $0.unacked = 1_200
                },
                channel(billing, 1) { $0.consumers = 1 },
                channel(shop, 3) {
                    $0.clientName = "shop"
                    $0.consumers = 2
                    $0.unacked = 12
                },
            ])))
    state.send(.consumers(list([consumer("carts", shop, 3), consumer("mails", shop, 3, tag: "b")])))
    return state
}

extension State {
    fileprivate mutating func select(_ id: RowID) { apply(.item(id), to: view) }

    /// Opens the form of a fault for the row.
    fileprivate mutating func openFault(_ name: String, on id: RowID) throws {
        select(id)
        type(.character("f"))
        type(text: name)
        let picker = try #require(picker)
        let place = try #require(
            picker.choices.firstIndex { if case .fault(name, _) = $0.effect { true } else { false } })
        send(.pointer(.choice(place)))
        #expect(form?.purpose == .fault(name))
    }

    fileprivate mutating func fill(_ key: String, _ text: String) throws {
        let index = try #require(form?.fields.firstIndex { $0.key == key })
        while let form, form.focus != index { type(.tab) }
        type(.end, .control("u"))
        type(text: text)
    }

    fileprivate func note(_ label: String) -> String? {
        form.flatMap { form in notes(for: form).first { $0.label == label }?.text }
    }
}

private let shopChannel = RowID.channel(ChannelID(connection: shop, number: 3))

@Suite struct FaultPickerTests {
    @Test func theFaultsThatFitTheRowAreListedByTheirRooms() throws {
        var state = bench()
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
        var state = bench(rooms: [.own])
        state.select(shopChannel)
        state.type(.character("f"))
        let picker = try #require(state.picker)
        let missing = try #require(picker.choices.first { $0.disabled?.contains("--proxy") == true })
        let count = FaultCatalogue.all.count { $0.room == .proxy && $0.targets.contains(.channel) }
        #expect(missing.label == "\(count) more")
        #expect(
            picker.choices.allSatisfy {
                if case .fault(let name, _) = $0.effect { FaultCatalogue[name]?.room == .own } else { true }
            })
    }

    @Test func typingNarrowsAndEscWidensBeforeItCloses() throws {
        var state = bench()
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
        var state = bench {
            $0.faults = Arming(rooms: [.proxy], isLoopback: false, isAllowed: false, isReadOnly: false)
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
        var state = bench { $0.readOnly = true }
        #expect(state.type(.character("f")) == [])
        #expect(state.overlay == nil)
        #expect(state.notice?.text.hasPrefix("Read-only: f ") == true)
    }

    @Test func whereThereIsNoRowItSaysSo() {
        var state = makeState {
            $0.initialView = .queues
            $0.faults = .armed([.proxy])
        }
        state.type(.character("f"))
        #expect(state.overlay == nil)
        #expect(state.notice?.text == "Nothing is selected that f (fault) could work on")
        #expect(!Bindings.footer(for: state).map(\.command).contains(.fault))
    }

    @Test func theFooterOffersItWhereThereIsATargetAndNowhereElse() {
        var state = bench(.events)
        state.send(.news([news("alarm"), news("closed", connection: shop, channel: 3)], dropped: 0))
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
        let state = bench()
        #expect(Bindings.footer(for: state).contains { $0.keyLabel == "f" && $0.label == "Fault" })
        #expect(Bindings.help(for: state).flatMap(\.items).contains { $0.keys == "f" })
    }
}

@Suite struct FaultFormTests {
    @Test func whatHappensOnceIsAimedAtThisVeryConnection() throws {
        var state = bench()
        try state.openFault("close-channel", on: shopChannel)
        #expect(state.form?["selector.connection"]?.editor.text == shop)
        #expect(state.form?["selector.channel"]?.editor.text == "3")
        #expect(state.form?["selector.user"]?.editor.text == "")
        #expect(state.form?["duration"] == nil)
        let expected = Fault("close-channel", on: FaultSelector(connection: shop, channel: 3))
        #expect(state.type(.enter) == [.start(OperationID(1), .injectFault(expected))])
        #expect(state.overlay == nil)
        #expect(state.activities.map(\.title) == ["fault close-channel on channel 3 of \(shop)"])
    }

    @Test func whatLastsIsAimedAtTheClientWhereItsNameIsItsOwn() throws {
        var state = bench(.connections)
        try state.openFault("latency", on: .connection(shop))
        #expect(state.form?["selector.connection"]?.editor.text == "shop")
        state.type(.escape)
        try state.openFault("latency", on: .connection(orders))
        #expect(state.form?["selector.connection"]?.editor.text == orders)
    }

    @Test func everyFieldGetsIntoTheFault() throws {
        var state = bench()
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
        var state = bench()
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
        var state = bench()
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
        var state = bench()
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
            var state = bench()
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

@Suite struct FaultNotesTests {
    @Test func aConnectionsEndIsCounted() throws {
        var state = bench(.connections)
        try state.openFault("close-connection", on: .connection(orders))
        #expect(state.note("Reach") == "closes 1 connection, 14 channels, 9 consumers")
        try state.fill("selector.connection", "orders-*")
        #expect(state.note("Reach") == "closes 2 connections, 16 channels, 10 consumers")
        try state.fill("selector.user", "shop")
        #expect(state.note("Reach")?.hasPrefix("hits nothing now: no connection") == true)
    }

    @Test func aChannelsEndIsCounted() throws {
        var state = bench()
        try state.openFault("close-channel", on: shopChannel)
        #expect(state.note("Reach") == "closes 1 channel, 2 consumers, 12 unacked messages")
        try state.fill("selector.queue", "no such queue")
        #expect(state.note("Reach")?.hasPrefix("hits nothing now") == true)
        try state.fill("selector.queue", "mail*")
        #expect(state.note("Reach")?.hasPrefix("closes 1 channel") == true)
    }

    @Test func whatDoesNotPassThroughTheProxyIsNotHit() throws {
        var state = bench()
        state.send(.channels(list([channel(orders, 1) { $0.proxySession = 7 }, channel(shop, 3)])))
        try state.openFault("close-channel", on: shopChannel)
        #expect(state.note("Reach")?.contains("passes through the proxy") == true)
    }

    @Test func oldFiguresAreToldWithTheirAge() throws {
        var state = bench(.connections)
        state.send(.tick, at: later(40))
        try state.openFault("close-connection", on: .connection(orders))
        #expect(state.note("Reach") == "closes 1 connection, 14 channels, 9 consumers (as of 40s ago)")
    }

    @Test func aQueuesMessagesAreCounted() throws {
        var state = bench(.queues)
        state.send(rich(depth("carts", vhost: "eu", ready: 1_234, unacked: 5, consumers: 2)))
        try state.openFault("purge", on: .queue(queue("carts", vhost: "eu")))
        #expect(state.note("Reach") == "hits 1 queue, 1,234 ready messages, 5 unacked messages, 2 consumers")
        #expect(state.note("Undo") == "It cannot be undone.")
        #expect(state.type(.enter) == [])
        #expect(state.confirmation?.lines.first == "on carts in vhost eu")
        let expected = Fault("purge", on: FaultSelector(virtualHost: "eu", queue: "carts"))
        #expect(state.type(.tab, .enter) == [.start(OperationID(1), .injectFault(expected))])
    }

    @Test func aUsersConnectionsAreOnlyConcerned() throws {
        var state = bench(.connections)
        try state.openFault("user-limit", on: .connection(orders))
        #expect(state.form?["selector.user"]?.editor.text == "orders")
        #expect(state.note("Reach")?.hasPrefix("concerns 2 connections, 16 channels, 10 consumers. New ") == true)
        state.type(.escape)
        try state.openFault("close-user", on: .connection(orders))
        #expect(state.note("Reach") == "closes 2 connections, 16 channels, 10 consumers")
    }

    @Test func newConnectionsCannotBeCounted() throws {
        var state = bench(.connections)
        try state.openFault("tune", on: .connection(orders))
        #expect(state.note("Reach") == FaultCatalogue["tune"]?.blast)
    }

    @Test func undoAndSightFollowWhatIsTyped() throws {
        var state = bench()
        try state.openFault("latency", on: shopChannel)
        #expect(state.note("Undo") == "Bytes pass at once again. By itself after 1m00s.")
        try state.fill("duration", "5")
        #expect(state.note("Undo") == "Bytes pass at once again. By itself after 5s.")
        #expect(state.note("The application sees") == FaultCatalogue["latency"]?.application)
        state.type(.escape)
        try state.openFault("close-channel", on: shopChannel)
        #expect(state.note("Undo") == "It happens once, and is not undone.")
        try state.fill("parameter.code", "311")
        try state.fill("parameter.text", "CONTENT_TOO_LARGE")
        #expect(state.note("The application sees")?.hasPrefix("311 CONTENT_TOO_LARGE. A channel exception") == true)
    }
}

@Suite struct CloseThroughProxyTests {
    private func proxied(_ rooms: Set<FaultDescription.Room> = [.proxy], rabbitmqctl: Bool = false) -> State {
        var state = bench(rooms: rooms) { $0.hasRabbitmqctl = rabbitmqctl }
        state.send(.channels(list([channel(shop, 3) { $0.proxySession = 7 }, channel(orders, 1)])))
        return state
    }

    @Test func aChannelThatPassesThroughTheProxyIsClosedThere() throws {
        var state = proxied()
        state.select(shopChannel)
        state.type(.character("x"))
        let picker = try #require(state.picker)
        #expect(picker.choices[picker.selected].label == "Through the proxy")
        #expect(picker.lines.allSatisfy { !$0.contains("cannot be closed alone") })
        #expect(state.type(.enter) == [])
        #expect(state.form?["parameter.code"]?.editor.text == "406")
        try state.fill("parameter.code", "404")
        try state.fill("parameter.text", "NOT_FOUND - no such thing")
        while state.form.map({ $0.fields[$0.focus].key }) != "parameter.towards" { state.type(.tab) }
        state.type(.right)
        let expected = Fault(
            "close-channel", ["code": 404, "text": "NOT_FOUND - no such thing", "towards": "client"],
            on: FaultSelector(connection: shop, channel: 3))
        #expect(state.type(.enter) == [.start(OperationID(1), .injectFault(expected))])
    }

    @Test func aChannelThatDoesNotPassIsNotOfferedIt() throws {
        var state = proxied(rabbitmqctl: true)
        state.select(.channel(ChannelID(connection: orders, number: 1)))
        state.type(.character("x"))
        #expect(state.picker?.choices.contains { $0.label == "Through the proxy" } == false)
    }

    @Test func disarmedItSaysWhy() throws {
        var state = proxied()
        state.options.faults = .disarmed("not here")
        state.select(shopChannel)
        state.type(.character("x"))
        let choice = try #require(state.picker?.choices.first { $0.label == "Through the proxy" })
        #expect(choice.disabled == "not here")
    }
}
