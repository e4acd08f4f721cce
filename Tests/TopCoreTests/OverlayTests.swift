import Faults
import Names
import Screen
import Testing

@testable import TopCore

/// What each overlay does with keys, clicks and text, without a dashboard around it.
@Suite struct OverlayTests {
    private let orders = EntityID(vhost: "/", name: "orders")
    private let room = OverlayRoom(page: 10, limit: 100)

    private func given<Content: OverlayContent>(_ content: inout Content, _ inputs: OverlayInput...)
        -> [OverlayOutcome?]
    {
        inputs.map { content.take($0) }
    }

    // MARK: Confirmation

    @Test func aConfirmationBeginsOnCancelAndStartsOnlyWhenConfirmed() {
        let purge = ConfirmationPrompt(title: "", lines: [], confirmLabel: "", operation: .purge(orders))
        var prompt = purge
        #expect(given(&prompt, .command(.accept)) == [.closes])
        #expect(given(&prompt, .command(.focusNext), .command(.accept)) == [.stays, .starts(.purge(orders))])
        #expect(given(&prompt, .command(.focusNext), .command(.accept)) == [.stays, .closes])
        #expect(
            given(&prompt, .press(2), .press(9), .press(0), .press(1)) == [
                .stays, .stays, .closes, .starts(.purge(orders)),
            ])
        #expect(given(&prompt, .command(.quit), .key(.character("y"))) == [nil, nil])
    }

    @Test func aConfirmationTakesAReasonOnItsLineOnly() {
        var prompt = ConfirmationPrompt(
            title: "", lines: [], confirmLabel: "", operation: .closeConnection("c", reason: "old"),
            reason: LineEditor("o"))
        #expect(given(&prompt, .key(.character("x")), .paste("y")) == [nil, .stays])
        #expect(prompt.reason?.text == "o")
        #expect(given(&prompt, .press(2), .key(.character("k")), .paste("!")) == [.stays, .stays, .stays])
        // Enter leaves the line, and does not confirm.
        #expect(given(&prompt, .command(.accept), .command(.accept)) == [.stays, .closes])
        #expect(given(&prompt, .press(1)) == [.starts(.closeConnection("c", reason: "ok!"))])
    }

    // MARK: Lists

    private func list(filter: LineEditor? = nil) -> Picker {
        Picker(
            title: "",
            choices: [
                Picker.Choice(label: "all", effect: .vhost(nil)),
                Picker.Choice(label: "billing", effect: .vhost("billing")),
                Picker.Choice(label: "closed", disabled: "not now", effect: .none),
                Picker.Choice(label: "undo", effect: .undo(7)),
            ], filter: filter)
    }

    @Test func aListMovesAndChooses() {
        var picker = list()
        #expect(given(&picker, .move(.lines(1), room), .command(.accept)) == [.stays, .limits(to: .some("billing"))])
        #expect(given(&picker, .move(.lines(1), room), .command(.accept)) == [.stays, .says("not now", .warning)])
        #expect(given(&picker, .move(.bottom, room), .command(.accept)) == [.stays, .starts(.undoFault(7))])
        #expect(given(&picker, .move(.pages(-1), room), .command(.accept)) == [.stays, .limits(to: nil)])
        #expect(given(&picker, .press(1), .press(99), .press(-1)) == [.limits(to: .some("billing")), .stays, .stays])
        #expect(given(&picker, .key(.character("x")), .command(.back)) == [nil, .closes])
    }

    @Test func aListThatIsTypedInChoosesAmongWhatItShows() {
        var picker = list(filter: LineEditor())
        #expect(given(&picker, .key(.character("b")), .key(.character("i"))) == [.stays, .stays])
        #expect(picker.shown == [1])
        #expect(picker.selected == 1)
        #expect(given(&picker, .key(.left)) == [nil], "arrows move in the list")
        #expect(given(&picker, .paste("no"), .command(.accept)) == [.stays, .stays], "nothing is shown")
        #expect(given(&picker, .command(.back)) == [.stays], "the first Esc clears what was typed")
        #expect(given(&picker, .command(.back)) == [.closes])
    }

    // MARK: Forms

    private func form() -> Form {
        Form(
            title: "", purpose: .consume(orders),
            fields: [
                Form.Field(key: "prefetch", label: "", kind: .count, value: "1"),
                Form.Field(key: "mode", label: "", kind: .choice(["a", "b", "c"]), value: "a"),
            ], submitLabel: "")
    }

    @Test func aFormTakesTextInItsFieldsAndSubmitsFromAnywhereButCancel() {
        var form = self.form()
        form.fields[0].problem = "why"
        let outcomes = given(&form, .key(.character("0")), .command(.accept))
        #expect(outcomes == [.stays, .submits(form)])
        #expect(form.fields[0].editor.text == "10")
        #expect(form.fields[0].problem == nil)
        #expect(given(&form, .command(.focusNext), .key(.character("x")), .paste("x")) == [.stays, nil, .stays])
        #expect(
            given(&form, .command(.changeNext), .command(.changePrevious), .command(.changePrevious)) == [
                .stays, .stays, .stays,
            ])
        #expect(form.fields[1].editor.text == "c")
        #expect(given(&form, .press(1)) == [.stays])
        #expect(form.fields[1].editor.text == "a")
        #expect(
            given(&form, .command(.focusPrevious), .command(.focusPrevious), .command(.accept)) == [
                .stays, .stays, .closes,
            ])
        #expect(given(&form, .press(3), .press(4), .command(.back)) == [.closes, .stays, .closes])
    }

    @Test func aSubmittedFormIsAnOperationOrSaysWhatIsWrong() throws {
        let state = makeState()
        #expect(form("x").submitted(in: state) == .fills(marked(0, "a whole number from 0 to 65,535", in: form("x"))))
        guard case .starts(.consume(let request)) = form("7").submitted(in: state) else {
            Issue.record("it does not start")
            return
        }
        #expect(request.prefetch == 7)
    }

    private func form(_ prefetch: String) -> Form {
        Form(
            title: "", purpose: .consume(orders),
            fields: [
                Form.Field(key: "prefetch", label: "", kind: .count, value: prefetch),
                Form.Field(key: "delay", label: "", kind: .count, value: "0"),
            ], submitLabel: "")
    }

    private func marked(_ index: Int, _ problem: String, in form: Form) -> Form {
        var form = form
        form.fields[index].problem = problem
        form.focus = index
        return form
    }

    // MARK: Filter

    @Test func aFilterAppliesWhileItIsTypedAndRecallsEarlierOnes() {
        var prompt = FilterPrompt(in: .queues, before: .text("old"), earlier: ["new", "first"])
        func filters(_ text: String) -> OverlayOutcome { .filters(Filter(plain: text), closes: false) }
        #expect(given(&prompt, .key(.character("a")), .paste("b")) == [filters("a"), filters("ab")])
        #expect(
            given(&prompt, .command(.olderFilter), .command(.olderFilter), .command(.olderFilter)) == [
                filters("new"), filters("first"), .stays,
            ])
        #expect(!prompt.hasFilter(1))
        #expect(given(&prompt, .command(.newerFilter), .command(.newerFilter)) == [filters("new"), filters("ab")])
        #expect(given(&prompt, .command(.accept)) == [.keepsFilter("ab")])
        #expect(given(&prompt, .command(.back)) == [.filters(.text("old"), closes: true)])
        #expect(given(&prompt, .move(.lines(1), room)) == [nil], "the rows below move")
    }

    // MARK: Texts

    @Test func helpScrollsWithinItsLimit() {
        var help = HelpView()
        #expect(
            given(&help, .move(.lines(3), room), .move(.pages(1), room), .key(.character("x"))) == [
                .stays, .stays, nil,
            ])
        #expect(help.scroll == 12)
        #expect(given(&help, .move(.bottom, room), .command(.help)) == [.stays, .closes])
        #expect(help.scroll == 100)
    }

    // MARK: Faults

    @Test func aFaultIsChosenThenFilledInThenConfirmed() throws {
        #expect(FaultFlow.form(of: "no such fault", at: FaultTarget([.queue], title: "")) == .stays)
        var form = try self.form(of: "delete-queue", [.queue])
        let place = try #require(form.fields.firstIndex { $0.key.hasSuffix("queue") })
        form.fields[place].editor = LineEditor("orders")
        guard case .shows(.confirmation(var question)) = form.submitted(in: makeState()) else {
            Issue.record("it takes messages away, and does not ask")
            return
        }
        #expect(question.take(.command(.accept)) == .closes)
        guard case .starts(.injectFault(let fault)) = question.take(.press(1)) else {
            Issue.record("confirmed, and does not start")
            return
        }
        #expect(fault.name == "delete-queue")
    }

    @Test func aFaultWithAnInvalidValueSaysSoAndStartsWhenItIsMended() throws {
        var form = try self.form(of: "close-channel", [.channel])
        let place = try #require(form.fields.firstIndex { $0.key == "parameter.code" })
        form.fields[place].editor = LineEditor("no code")
        guard case .shows(.form(var marked)) = form.submitted(in: makeState()) else {
            Issue.record("it is no code, and nothing says so")
            return
        }
        #expect(marked.focus == place)
        #expect(marked.fields[place].problem != nil)
        marked.fields[place].editor = LineEditor("404")
        guard case .starts(.injectFault(let fault)) = marked.submitted(in: makeState()) else {
            Issue.record("mended, and does not start")
            return
        }
        #expect(fault.name == "close-channel")
    }

    private func form(of name: String, _ kinds: Set<FaultDescription.Target>) throws -> Form {
        let outcome = FaultFlow.form(of: name, at: FaultTarget(kinds, title: "the row"))
        var found: Form?
        if case .shows(.form(let form)) = outcome { found = form }
        return try #require(found)
    }

    @Test func overlaysThatNoKeyOpenedWait() {
        var stack = OverlayStack()
        stack.offer(.help(HelpView(scroll: 1)))
        stack.offer(.help(HelpView(scroll: 2)))
        stack.offer(.help(HelpView(scroll: 3)))
        var seen: [Overlay?] = []
        for _ in 0..<4 {
            seen.append(stack.top)
            stack.close()
        }
        let expected: [Overlay?] = [1, 2, 3].map { Overlay.help(HelpView(scroll: $0)) } + [nil]
        #expect(seen == expected)
    }
}
