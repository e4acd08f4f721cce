import Foundation
import Names
import RabbitMQClient
import Synchronization
import Testing

@testable import Lab

/// A folder of a test's own, which goes with the last reference.
final class TemporaryFolder: Sendable {
    let url = FileManager.default.temporaryDirectory.appending(path: "rabbittop-store-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func path(_ name: String = "orders.sqlite") -> String { url.appending(path: name).path }
}

@Suite(.timeLimit(.minutes(5))) struct OrderStoreTests {
    private static let quick = RecoveryPolicy(base: .milliseconds(5), cap: .milliseconds(40))

    /// What a store said, in order.
    private final class Heard: Sendable {
        private let news = Mutex<[OrderStore.Event]>([])

        func hear(_ one: OrderStore.Event) { news.withLock { $0.append(one) } }
        var all: [OrderStore.Event] { news.withLock { $0 } }
        var failures: [OrderStoreError.Code] {
            all.compactMap { if case .failing(let error, _, _) = $0 { error.code } else { nil } }
        }
        var ends: Int { all.count { if case .works = $0 { true } else { false } } }

        /// Waits for so many failed attempts.
        func failed(_ count: Int) async throws {
            while failures.count < count { try await Task.sleep(for: .milliseconds(2)) }
        }
    }

    private func error(_ body: () async throws(OrderStoreError) -> Void) async -> OrderStoreError? {
        do throws(OrderStoreError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test func anOrdersIdIsItsBytes() async throws {
        let folder = try TemporaryFolder()
        let store = try await OrderStore.open(folder.path())
        let ids: [Name] = ["caf\u{e9}", "cafe\u{301}", Name(bytes: [0xFF]), Name(bytes: [0xFE]), "\\xFF"]
        for id in ids {
            #expect(try await store.store(id) == .stored)
            #expect(try await store.store(id) == .known)
        }
        #expect(try await store.ids() == Set(ids))
        await store.close()
    }

    @Test func anOrderIsStoredOnceHoweverOftenItComes() async throws {
        let folder = try TemporaryFolder()
        let store = try await OrderStore.open(folder.path())
        #expect(try await store.store("7", body: [1]) == .stored)
        #expect(try await store.store("7", body: [2]) == .known)
        #expect(try await store.store("ü 8") == .stored)
        #expect(try await store.count() == 2)
        #expect(try await store.ids() == ["7", "ü 8"])
        #expect(await store.trouble() == nil)
        await store.close()
        #expect(await error { () throws(OrderStoreError) in try await store.store("9") }?.code == .closed)

        let again = try await OrderStore.open(folder.path())
        #expect(try await again.store("7") == .known)
        #expect(try await again.count() == 2)
        await again.close()
    }

    @Test func ofManyAtOnceEachIdIsStoredByOne() async throws {
        let folder = try TemporaryFolder()
        let store = try await OrderStore.open(folder.path())
        let stored = try await withThrowingTaskGroup(of: OrderStore.Outcome.self) { group in
            for number in 0..<200 {
                group.addTask { try await store.store("order-\(number % 50)") }
            }
            return try await group.reduce(0) { $0 + ($1 == .stored ? 1 : 0) }
        }
        #expect(stored == 50)
        #expect(try await store.count() == 50)
        await store.close()
    }

    @Test(arguments: StoreFault.Kind.allCases)
    func aDatabaseThatIsLockedOrGoneIsTriedUntilItIsBack(_ kind: StoreFault.Kind) async throws {
        let folder = try TemporaryFolder()
        let heard = Heard()
        let store = try await OrderStore.open(folder.path(), policy: Self.quick) { heard.hear($0) }
        try await store.store("before")
        for round in 1...2 {
            let fault = try await StoreFault.begin(kind, path: folder.path())
            #expect(await store.trouble()?.contains(kind == .locked ? "is locked" : "has gone") == true)
            let orders = (0..<5).map { number in Task { try await store.store("\(round)-\(number)") } }
            try await heard.failed(round * 20)
            #expect(await store.trouble() != nil)
            // A database that SQLite made in the place of the one that has gone would be empty.
            if kind == .gone { #expect(!FileManager.default.fileExists(atPath: folder.path())) }
            try await fault.end()
            for order in orders { #expect(try await order.value == .stored) }
            #expect(await store.trouble() == nil)
            #expect(try await store.count() == 1 + round * 5)
        }
        #expect(Set(heard.failures) == [kind == .locked ? .locked : .gone])
        #expect(heard.ends >= 2)
        for case .failing(_, let attempt, let delay) in heard.all {
            #expect(delay <= Self.quick.longestDelay(attempt: attempt - 1), "attempt \(attempt)")
        }
        await store.close()
        // What is in the file is what was promised.
        let again = try await OrderStore.open(folder.path())
        #expect(try await again.ids().count == 11)
        await again.close()
    }

    @Test func aFileThatCameBackAsAnotherIsTheOneThatIsWritten() async throws {
        let folder = try TemporaryFolder()
        let store = try await OrderStore.open(folder.path(), policy: Self.quick)
        try await store.store("1")
        // Restored from a backup.
        try FileManager.default.copyItem(atPath: folder.path(), toPath: folder.path("backup"))
        try FileManager.default.removeItem(atPath: folder.path())
        try FileManager.default.moveItem(atPath: folder.path("backup"), toPath: folder.path())
        #expect(try await store.store("1") == .known)
        #expect(try await store.store("2") == .stored)
        await store.close()
        let again = try await OrderStore.open(folder.path())
        #expect(try await again.ids() == ["1", "2"])
        await again.close()
    }

    @Test func withoutAPolicyTheFirstFailureIsTheAnswer() async throws {
        let folder = try TemporaryFolder()
        let store = try await OrderStore.open(folder.path(), policy: .off)
        let fault = try await StoreFault.begin(.locked, path: folder.path())
        let refused = await error { () throws(OrderStoreError) in try await store.store("1") }
        #expect(refused?.code == .locked)
        #expect(refused?.message.contains("database is locked (SQLite 5)") == true, "\(refused?.message ?? "nothing")")
        try await fault.end()
        #expect(try await store.store("1") == .stored)
        await store.close()
    }

    @Test func theAttemptsOfThePolicyAreHonoured() async throws {
        let folder = try TemporaryFolder()
        let heard = Heard()
        var policy = Self.quick
        policy.attempts = 3
        let store = try await OrderStore.open(folder.path(), policy: policy) { heard.hear($0) }
        let fault = try await StoreFault.begin(.gone, path: folder.path())
        #expect(await error { () throws(OrderStoreError) in try await store.store("1") }?.code == .gone)
        #expect(heard.failures.count == 3)
        try await fault.end()
        await store.close()
    }

    @Test func whoIsCancelledWaitsNoLonger() async throws {
        let folder = try TemporaryFolder()
        let heard = Heard()
        let policy = RecoveryPolicy(base: .seconds(600), cap: .seconds(600))
        let store = try await OrderStore.open(folder.path(), policy: policy) { heard.hear($0) }
        let fault = try await StoreFault.begin(.locked, path: folder.path())
        let order = Task { await error { () throws(OrderStoreError) in try await store.store("1") }?.code }
        try await heard.failed(1)
        order.cancel()
        #expect(await order.value == .cancelled)
        try await fault.end()
        #expect(try await store.count() == 0)
        await store.close()
    }

    @Test func aFileThatCannotBeWrittenIsSaidInOneLine() async throws {
        for path in ["/proc/orders.sqlite", "/nonexistent/orders.sqlite"] {
            let error = await error { () throws(OrderStoreError) in _ = try await OrderStore.open(path) }
            #expect(error?.code == .notWritable, "\(path): \(String(describing: error))")
            #expect(error?.message.contains(path) == true)
            #expect(error?.message.contains("\n") == false)
        }
    }

    @Test func whatIsNoDatabaseIsLeftAlone() async throws {
        let folder = try TemporaryFolder()
        let text = String(repeating: "no database\n", count: 1_000)
        try text.write(toFile: folder.path(), atomically: true, encoding: .utf8)
        let error = await error { () throws(OrderStoreError) in _ = try await OrderStore.open(folder.path()) }
        #expect(error?.code == .damaged)
        #expect(try String(contentsOfFile: folder.path(), encoding: .utf8) == text)
    }

    @Test func aFullDatabaseFailsAtOnceAndKeepsWhatItHas() async throws {
        let folder = try TemporaryFolder()
        let heard = Heard()
        let store = try await OrderStore.open(folder.path(), policy: Self.quick, pageLimit: 16) { heard.hear($0) }
        var stored = 0
        var failure: OrderStoreError?
        while failure == nil, stored < 1_000 {
            failure = await error { () throws(OrderStoreError) in
                try await store.store("order-\(stored)", body: [UInt8](repeating: 0, count: 1_000))
            }
            if failure == nil { stored += 1 }
        }
        #expect(failure?.code == .full)
        #expect(stored > 10)
        #expect(heard.failures.isEmpty)
        #expect(try await store.count() == stored)
        await store.close()
    }
}
