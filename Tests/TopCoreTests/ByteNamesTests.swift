import Names
import Testing

@testable import TopCore

/// Names that look the same and differ in their bytes are of two things.
@Suite struct ByteNamesTests {
    private let composed = Name("caf\u{E9}")
    private let decomposed = Name("cafe\u{301}")

    private func state() -> State {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk([depth(composed, ready: 2), depth(decomposed, ready: 6)]))
        return state
    }

    @Test func eachQueueHasARowAndItsOwnFigures() {
        let state = state()
        #expect(state.queues.rows.count == 2)
        #expect(state.queues.row(.queue(queue(composed)))?.ready?.value == 2)
        #expect(state.queues.row(.queue(queue(decomposed)))?.ready?.value == 6)
    }

    @Test func thePurgeIsOfTheSelectedOne() {
        for (name, other) in [(composed, decomposed), (decomposed, composed)] {
            var state = state()
            state.select(.queue(queue(name)))
            #expect(state.targetQueue == queue(name))
            #expect(state.targetQueue != queue(other))
        }
    }

    @Test func theOrderOfTwoIsTheOrderOfTheirBytes() {
        let ranks = NaturalOrder.ranks([composed, decomposed], isTotal: true)
        #expect(ranks[0] != ranks[1])
        #expect(NaturalOrder.precedes(decomposed, composed) != NaturalOrder.precedes(composed, decomposed))
    }

    @Test func aFilterFindsTheOneThatWasTyped() {
        for filter in ["CAF\u{C9}", "/caf\u{E9}/"] {
            let matcher = FilterMatcher(Filter(plain: filter))
            #expect(matcher.matches(composed.text))
            #expect(!matcher.matches(decomposed.text))
        }
    }
}
