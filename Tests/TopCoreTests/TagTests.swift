import Foundation
import Names
import Screen
import Testing

@testable import TopCore

@Suite("Tagged rows")
struct TagTests {
    private func queues(_ count: Int = 5) -> State {
        var state = makeState { $0.initialView = .queues }
        state.send(
            bulk(
                (0..<count).map { (n: Int) in
                    depth(Name("q\(n)"), ready: 10 * (n + 1), unacked: 1, consumers: n % 2)
                }))
        return state
    }

    private func batch(_ operation: TopCore.Operation?) -> OperationBatch? {
        if case .batch(let batch) = operation { batch } else { nil }
    }

    /// The batch that the confirmation on the screen starts, with its number.
    private func confirm(_ state: inout State) -> (OperationID, OperationBatch)? {
        let actions = state.type(.tab, .enter)
        guard case .start(let id, .batch(let batch))? = actions.first else { return nil }
        return (id, batch)
    }

    @Test("Space tags a row and goes on; again takes the tag away; Esc takes all away")
    func tagging() {
        var state = queues()
        state.type(.space, .space)
        #expect(state.queues.tags == [.queue(queue("q4")), .queue(queue("q3"))])
        #expect(state.selectedID == .queue(queue("q2")))
        state.type(.up, .space)
        #expect(state.queues.tags == [.queue(queue("q4"))])
        #expect(state.canGoBack)
        state.type(.escape)
        #expect(state.queues.tags.isEmpty)
        #expect(state.view == .queues)
    }

    @Test("Tags stay with their rows through order, filter and new figures")
    func identity() {
        var state = queues()
        state.type(.space, .character("I"), .space)
        #expect(state.taggedCount == 2)
        state.type(text: "/q0")
        state.type(.enter)
        #expect(state.taggedCount == 2 && state.queues.hiddenTagCount == 2)
        state.send(bulk((0..<5).map { (n: Int) in depth(Name("q\(n)"), ready: 100 - n) }, at: later(5)))
        #expect(state.queues.taggedIDs.count == 2)
        // Esc clears the filter before the tags.
        state.type(.escape)
        #expect(state.taggedCount == 2 && state.queues.hiddenTagCount == 0)
        // A row that is gone is no longer counted, nor acted on.
        state.send(bulk([depth("q4", ready: 1)], at: later(10)))
        state.type(.character("P"))
        #expect(batch(state.confirmation?.operation)?.items.map(\.operation) == [.purge(queue("q4"))])
    }

    @Test("All rows that the filter shows are tagged at once, and untagged")
    func all() {
        var state = queues()
        state.type(text: "/q1")
        state.type(.enter, .character("*"))
        #expect(state.queues.taggedIDs == [.queue(queue("q1"))])
        state.type(.escape, .character("*"))
        #expect(state.taggedCount == 5)
        state.type(.character("*"))
        #expect(state.taggedCount == 0)
    }

    @Test("The question says the sum, what is not known, and what is left out; Cancel is the default")
    func sums() throws {
        var state = queues(4)
        state.send(rich(depth("q0"), at: later(1)) { $0.type = "stream" })
        state.send(bulk([depth("unknown")], at: later(1), node: "rabbit@b"))
        state.type(.character("*"), .character("P"))
        let question = try #require(state.confirmation)
        #expect(question.title == "Purge 4 queues?")
        #expect(question.focus == .cancel)
        let text = question.lines.joined(separator: "\n")
        #expect(text.contains("q3, q2, q1 and 1 more"))
        #expect(text.contains("90 ready messages (and those of 1 more, not known)"))
        #expect(text.contains("1 tagged stream cannot be purged"))
        #expect(text.contains("Esc stops between two"))
        #expect(state.type(.enter) == [])
        #expect(state.taggedCount == 5)
    }

    @Test("They run as one operation; what succeeded is untagged, and the end says what failed and why")
    func result() throws {
        var state = queues(3)
        state.type(.character("*"), .character("D"))
        let (id, batch) = try #require(confirm(&state))
        #expect(batch.items.map(\.operation) == ["q2", "q1", "q0"].map { .deleteQueue(queue($0)) })
        state.send(.operation(id, .progress("1 done of 3", fraction: 0.3)))
        #expect(state.activities.first?.progress == "1 done of 3")
        var result = BatchResult()
        result.ended = 3
        result.failures = [.init(index: 1, why: "405 RESOURCE_LOCKED")]
        state.send(.operation(id, .batchEnded(result)))
        #expect(state.queues.tags == [.queue(queue("q1"))])
        #expect(
            state.notice?.text
                == "deletion of 3 queues: 2 done, 1 failed — deletion of queue q1: 405 RESOURCE_LOCKED")
        #expect(state.notice?.severity == .failure)
    }

    @Test("Esc stops what runs before it clears anything, and what was not begun stays tagged")
    func stopped() throws {
        var state = queues(3)
        state.type(.character("*"), .character("P"))
        let (id, _) = try #require(confirm(&state))
        #expect(state.type(.escape) == [.cancel(id)])
        #expect(state.taggedCount == 3)
        var result = BatchResult()
        result.ended = 1
        result.isStopped = true
        state.send(.operation(id, .batchEnded(result)))
        #expect(state.taggedCount == 2)
        #expect(state.notice?.text == "purge of 3 queues: stopped: 1 done, 2 not begun or not known")
        #expect(state.queues.row(.queue(queue("q2")))?.ready?.value == 0)
        #expect(state.queues.row(.queue(queue("q1")))?.ready?.value == 20)
    }

    @Test("Several consumers of one connection close it once, with the reason that was typed")
    func connections() throws {
        var state = makeState { $0.initialView = .consumers }
        state.send(
            .consumers(
                list([
                    consumer("a", orders, 1, tag: "1"), consumer("b", orders, 2, tag: "2"), consumer("c", billing, 1),
                ])))
        state.type(.character("*"), .character("X"))
        #expect(state.confirmation?.title == "Close 2 connections?")
        state.type(.backTab)
        #expect(state.confirmation?.focus == .reason)
        state.type(.control("u"))
        state.type(text: "drill")
        state.type(.tab)
        let (_, batch) = try #require(confirm(&state))
        #expect(
            Set(batch.items.compactMap { $0.operation.connection }) == [orders, billing])
        #expect(batch.items.map(\.rows.count).sorted() == [1, 2])
        for item in batch.items {
            guard case .closeConnection(_, "drill") = item.operation else {
                Issue.record("\(item.operation)")
                continue
            }
        }
    }

    @Test("Channels of others close only by way of rabbitmqctl; their connections always")
    func channels() throws {
        var state = makeState { $0.initialView = .channels }
        state.send(.channels(list([channel(orders, 1), channel(orders, 2)])))
        state.type(.character("*"), .character("x"))
        let picker = try #require(state.picker)
        #expect(picker.choices.map { $0.disabled == nil } == [false, false, true])
        #expect(picker.selected == 2)
        state.type(.enter)
        #expect(state.confirmation?.title == "Close 1 connection?")
        var able = makeState {
            $0.initialView = .channels
            $0.hasRabbitmqctl = true
        }
        able.send(.channels(list([channel(orders, 1), channel(orders, 2)])))
        able.type(.character("*"), .character("x"), .enter)
        #expect(batch(able.confirmation?.operation)?.items.count == 2)
    }

    @Test("The broker's own exchanges are left out")
    func exchanges() throws {
        var state = makeState { $0.initialView = .exchanges }
        state.send(
            .exchanges(list(["", "amq.topic", "orders"].map { (name: Name) in ExchangeRow(id: queue(name)) })))
        state.type(.character("*"), .character("D"))
        #expect(batch(state.confirmation?.operation)?.items.map(\.operation) == [.deleteExchange(queue("orders"))])
        #expect(state.confirmation?.lines.contains("2 exchanges of the broker's own: left out") == true)
        state.type(.escape, .escape, .home, .space, .character("D"))
        #expect(state.confirmation == nil)
        #expect(state.notice?.text.contains("cannot be deleted") == true)
    }

    @Test("Ten thousand tagged rows are asked about and untagged at once")
    func many() throws {
        var state = queues(10_000)
        let clock = ContinuousClock()
        let took = clock.measure {
            state.type(.character("*"), .character("P"), .escape, .space, .space, .character("P"))
        }
        #expect(state.confirmation?.title == "Purge 9,998 queues?")
        let (id, batch) = try #require(confirm(&state))
        var result = BatchResult()
        result.ended = batch.items.count
        let ended = clock.measure { state.send(.operation(id, .batchEnded(result))) }
        #expect(state.taggedCount == 0)
        // A debug build on a busy machine; what is quadratic takes minutes.
        #expect(took + ended < .seconds(20))
    }
}
