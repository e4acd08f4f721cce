import BrokerSupport
import Experiments
import Lab
import RabbitMQClient
import Testing

@Suite(.timeLimit(.minutes(5))) struct LabExpirationTests {
    /// They wait most of the time, and so they run beside each other.
    private static let runs = (
        rule: Task { try await run("rule") },
        byDefault: Task { try await run("default-expiration", ["believed-default": .number(16)]) },
        anywhere: Task { try await run("anywhere") }
    )

    private static func run(_ variant: String, _ changes: [String: LabValue] = [:]) async throws -> LabResult {
        let broker = try await TestBroker.shared()
        // 2.5 s and 10 s to live, and a consumer at 4 s.
        let small: [String: LabValue] = ["second-expiry": .number(80), "arrival": .number(32)]
        let settings = try LabSettings(
            Expiration.description, small.merging(changes) { $1 }, timeScale: 8)
        return try await LabRun(
            Expiration.self, variant: variant, settings: settings, broker: .other(broker.configuration())
        ).run()
    }

    private func scene(_ result: LabResult, _ name: String) throws -> [String: LabValue] {
        guard case .list(let scenes) = result.details["scenes"] else { return [:] }
        let found = scenes.compactMap { value -> [String: LabValue]? in
            guard case .object(let scene) = value, scene["scene"] == .text(name) else { return nil }
            return scene
        }
        return try #require(found.first)
    }

    @Test("Of four messages the late consumer gets exactly three; what expired is dead-lettered once")
    func rule() async throws {
        let result = try await Self.runs.rule.value
        #expect(result.verdict == .pass, "\(result.why)")
        let four = try scene(result, "four messages")
        #expect(four["delivered"] == .list([.text("no expiry 1"), .text("second expiry"), .text("no expiry 2")]))
        #expect(four["ready"] == .integer(3) && four["dead_letters_before"] == .integer(1))
        let head = try scene(result, "expired behind the head")
        #expect(head["ready"] == .integer(3) && head["dead_letters_before"] == .integer(0))
        #expect(head["delivered"] == .list([.text("second expiry"), .text("no expiry")]))
        #expect(head["dead_letters"] == .list([.text("first expiry")]))
        #expect(head["dead_letters_expired_once"] == .integer(1))
        let counts = result.ledger.counts
        #expect(counts.published == 15 && counts.confirmed == 15)
        // Three, two, none, one, none; and the one that was held.
        #expect(counts.consumed == 7 && counts.duplicates == 0)
        #expect(counts.expired == 9 && counts.lost == 0 && counts.missing == 0)
        // The queue that expired itself.
        #expect(result.ledger.errors(code: 404) == 1 && result.ledger.errorCount == 1)
    }

    @Test("There is no default expiration")
    func defaultExpiration() async throws {
        let result = try await Self.runs.byDefault.value
        #expect(result.verdict == .pass, "\(result.why)")
        #expect(result.ledger.counts.consumed == 2 && result.ledger.counts.expired == 0)
    }

    @Test("What expired behind the head is still counted, and not yet dead-lettered")
    func anywhere() async throws {
        let result = try await Self.runs.anywhere.value
        #expect(result.verdict == .pass, "\(result.why)")
        let head = try scene(result, "expired behind the head")
        #expect(head["ready"] == .integer(3) && head["dead_letters_before"] == .integer(0))
        #expect(result.ledger.counts.consumed == 2 && result.ledger.counts.expired == 1)
    }

    @Test("A consumer that would not arrive between the two is refused")
    func usage() async throws {
        await #expect(throws: LabError.self) { try await Self.run("rule", ["arrival": .number(5)]) }
    }
}
