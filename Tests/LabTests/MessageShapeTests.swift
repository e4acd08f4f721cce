import Faults
import Foundation
import Testing

@testable import Lab

@Suite struct MessageShapeTests {
    @Test func everyBodyIsASmallJSONObject() throws {
        var random = SeededRandom(seed: 7)
        for producer in DemoApplication.demo.flatMap(\.producers) {
            for number in 1...50 {
                let body = producer.shape.body(number: number, using: &random)
                #expect(body.utf8.count < 400)
                let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
                #expect(object?.count == producer.shape.entries.count)
            }
        }
    }

    @Test func fieldsSayWhatTheyShould() {
        var random = SeededRandom(seed: 1)
        let shape = MessageShape("x", ["id": .identifier("A-"), "n": .number(5...5), "a": .amount(-1.25 ... -1.25)])
        #expect(shape.body(number: 42, using: &random) == #"{"id":"A-42","n":5,"a":-1.25}"#)
    }

    @Test func sameSeedSameNumbers() {
        var a = SeededRandom(name: "order-service")
        var b = SeededRandom(name: "order-service")
        var c = SeededRandom(name: "mailer")
        let first = (a.next(), a.next())
        #expect(first == (b.next(), b.next()))
        #expect(first.0 != c.next())
    }
}
