import BrokerSupport
import Foundation
import NIOConcurrencyHelpers
import RabbitMQClient
import SeededSupport
import TCPGate
import Testing

import struct NIOCore.ByteBuffer

/// No waiter ever hangs: whatever happens to the socket, every call ends in time, by success or by a typed error, and
/// afterwards nothing is left of it.
@Suite struct FaultMatrixChaosTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func everyCallEndsUnderRandomFaults(seed: UInt64) async throws {
        let broker = try await TestBroker.shared()
        let registry = ClientRegistry()
        // Whatever is made once for the process is made before its sockets are counted.
        try await broker.withConnection { connection in _ = try await connection.openChannel() }
        let socketsBefore = OpenSockets.count()
        try await broker.withQueue("chaos") { queue, direct in
            let socketsMeanwhile = OpenSockets.count()
            try await broker.withGatedConnection(registry: registry, Self.configure) { gate, connection in
                let calls = CallBook()
                let callers = (0..<Chaos.callers).map { index in
                    Task {
                        await Chaos.call(on: connection, queue: queue, random: SeededRandom(seed, index), book: calls)
                    }
                }
                var random = SeededRandom(seed, 1_000_000)
                for _ in 0..<Chaos.faults { await Chaos.fault(gate, &random) }
                gate.admission = .forward
                try await gate.admit()
                await gate.restore()
                calls.stop()
                // What does not end here hangs; the book says which call it is.
                #expect(await eventually { calls.running.isEmpty })
                #expect(calls.running == [:], "hanging calls")
                for caller in callers where calls.running.isEmpty { await caller.value }

                #expect(await eventually { connection.isOpen }, "\(connection.state)")
                let books = calls.books
                #expect(books.strange.isEmpty)
                #expect(books.longest.seconds < Chaos.longestCall, "\(books.longest)")
                // It was a bad day indeed, and still some work got done.
                #expect(connection.recoveries >= 3)
                #expect(books.ended.values.reduce(0, +) > 200)
                #expect(books.ended["publish", default: 0] > 0 && books.ended["declare", default: 0] > 0)
                #expect(books.succeeded > 50 && books.failed > 10)

                // All have closed their channels.
                #expect(
                    await eventually {
                        connection.report.channels.allSatisfy { $0.state == .closed }
                    }, "\(connection.report.channels.filter { $0.state != .closed })")
                for channel in connection.report.channels { #expect(channel.inFlight == 0) }
                // The broker, too, has nothing left of what was cut off.
                let name = uniqueName("after")
                try await connection.withChannel { channel in
                    _ = try await channel.declareQueue(name, exclusive: true)
                    try await channel.publish("after".utf8, routingKey: name, mandatory: true)
                }
                print(
                    "chaos \(seed): \(books.succeeded) calls succeeded, \(books.failed) failed, longest",
                    "\(books.longest), \(connection.recoveries) recoveries,",
                    books.errors.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" })
            }
            #expect(registry.report().connections.map(\.state) == [.closed])
            for channel in registry.report().connections.flatMap(\.channels) {
                #expect(channel.state == .closed && channel.inFlight == 0 && channel.unconfirmed == 0)
                #expect(channel.consumers.isEmpty)
            }
            #expect(
                await eventually { (try? await direct.declareQueuePassive(queue).consumerCount) == 0 })
            #expect(await eventually { OpenSockets.count() <= socketsMeanwhile })
        }
        #expect(await eventually { OpenSockets.count() <= socketsBefore })
    }

    @Sendable private static func configure(_ configuration: inout ConnectionConfiguration) {
        configuration.heartbeat = .seconds(1)
        configuration.connectTimeout = .milliseconds(700)
        configuration.operationTimeout = .seconds(2)
        configuration.publishTimeout = .seconds(2)
        configuration.recovery = RecoveryPolicy(base: .milliseconds(10), cap: .milliseconds(100))
    }
}

extension SeededRandom {
    /// Streams of one seed differ.
    fileprivate init(_ seed: UInt64, _ stream: Int) {
        self.init(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(truncatingIfNeeded: stream) &* 0xD1B5_4A32_D192_ED03)
    }
}

/// How many sockets this process has open.
enum OpenSockets {
    static func count() -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.count { name in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)"))?
                .hasPrefix("socket:") == true
        }
    }
}

/// What is called, what is under way, and how it ended.
final class CallBook: Sendable {
    struct Books: Sendable {
        var isOver = false
        var nextID = 0
        var running: [Int: String] = [:]
        var ended: [String: Int] = [:]
        var errors: [String: Int] = [:]
        var strange: [String] = []
        var succeeded = 0
        var failed = 0
        var longest: (name: String, seconds: Double) = ("none", 0)
    }

    private let state = NIOLockedValueBox(Books())

    var books: Books { state.withLockedValue { $0 } }
    var running: [Int: String] { state.withLockedValue { $0.running } }
    var isOver: Bool { state.withLockedValue { $0.isOver } }
    func stop() { state.withLockedValue { $0.isOver = true } }

    /// Runs one call, as a task of its own that is cancelled after `patience` when there is one.
    func run(_ name: String, patience: Duration?, _ body: @escaping @Sendable () async throws -> Void) async {
        let id = state.withLockedValue { books in
            books.nextID += 1
            books.running[books.nextID] = name
            return books.nextID
        }
        let call = Task { await Outcome.of(body) }
        let canceller = patience.map { patience in
            Task {
                try? await Task.sleep(for: patience)
                call.cancel()
            }
        }
        let outcome = await call.value
        canceller?.cancel()
        state.withLockedValue { books in
            books.running[id] = nil
            books.ended[name, default: 0] += 1
            if let strange = outcome.strange { books.strange.append("\(name): \(strange)") }
            if let error = outcome.error {
                books.failed += 1
                books.errors[error.code.rawValue, default: 0] += 1
            } else {
                books.succeeded += 1
            }
            if outcome.seconds > books.longest.seconds { books.longest = (name, outcome.seconds) }
        }
    }
}

/// Who calls what, and what goes wrong.
enum Chaos {
    static let callers = 36
    static let faults = 30
    /// Two seconds is the longest deadline of a single operation, and a call here is made of up to three; the rest is for a
    /// slow machine.
    static let longestCall = 20.0

    private enum Call: String, CaseIterable {
        case publish, publishDeferred, publishUnconfirmed, mandatory, declare, passive, missing, get, consume, open,
            secret
    }

    /// Calls one thing after the other until the book is closed.
    static func call(on connection: Connection, queue: String, random: SeededRandom, book: CallBook) async {
        var random = random
        var channel: Channel?
        while !book.isOver {
            let call = Call.allCases.randomElement(using: &random) ?? .publish
            // Some are given up early; a consumer, which may wait for a message as long as it likes, in any case.
            var patience: Duration?
            if call == .consume {
                patience = .milliseconds(Int.random(in: 20..<300, using: &random))
            } else if Int.random(in: 0..<4, using: &random) == 0 {
                patience = .microseconds(Int.random(in: 0..<40_000, using: &random))
            }
            if channel?.isOpen != true {
                let opened = NIOLockedValueBox<Channel?>(nil)
                await book.run("open", patience: nil) {
                    let new = try await connection.openChannel()
                    opened.withLockedValue { $0 = new }
                }
                channel = opened.withLockedValue { $0 }
            }
            guard let current = channel else {
                try? await Task.sleep(for: .milliseconds(5))
                continue
            }
            await book.run(call.rawValue, patience: patience) {
                try await perform(call, on: current, of: connection, queue: queue)
            }
            // Now and then the channel is done with.
            if Int.random(in: 0..<8, using: &random) == 0 {
                await book.run("close", patience: nil) { try await current.close() }
                channel = nil
            }
        }
        guard let channel else { return }
        await book.run("close", patience: nil) { try await channel.close() }
    }

    private static func perform(
        _ call: Call, on channel: Channel, of connection: Connection, queue: String
    ) async throws {
        switch call {
        case .publish: try await channel.publish("chaos".utf8, routingKey: queue)
        case .publishDeferred:
            var pending: [RabbitMQClient.Confirmation] = []
            for _ in 0..<20 {
                pending.append(
                    try await channel.publishDeferred(ByteBuffer(repeating: 1, count: 3000), routingKey: queue))
            }
            for confirmation in pending { try await confirmation.wait() }
        case .publishUnconfirmed:
            try await channel.publishUnconfirmed(ByteBuffer(repeating: 2, count: 200_000), routingKey: queue)
        case .mandatory: try await channel.publish([], routingKey: "no such queue", mandatory: true)
        case .declare:
            let name = try await channel.declareQueue(autoDelete: true, arguments: ["x-expires": 10_000]).name
            try await channel.deleteQueue(name)
        case .passive: _ = try await channel.declareQueuePassive(queue)
        case .missing: _ = try await channel.declareQueuePassive("no such queue")
        case .get: try await channel.get(queue)?.delivery.ack()
        case .consume:
            var count = 0
            let consumer = try await channel.consume(queue, prefetch: 5)
            for try await delivery in consumer {
                try delivery.ack()
                count += 1
                if count == 5 { break }
            }
            try await consumer.cancel()
        case .open: try await connection.openChannel().close()
        case .secret: try await connection.updateSecret("guest", reason: "chaos")
        }
    }

    /// One thing goes wrong, and mostly ends again.
    static func fault(_ gate: TCPGate, _ random: inout SeededRandom) async {
        func pause(_ most: Int) async {
            try? await Task.sleep(for: .milliseconds(Int.random(in: 1...most, using: &random)))
        }
        let direction: TCPGate.Direction = Bool.random(using: &random) ? .toServer : .toClient
        let ending: TCPGate.Ending = Bool.random(using: &random) ? .reset : .close
        let bytes = Int.random(in: 0..<20_000, using: &random)
        switch Int.random(in: 0..<11, using: &random) {
        case 0: await gate.reset()
        case 1: await gate.disconnect()
        case 2: await gate.reset([Bool.random(using: &random) ? .client : .server])
        case 3: await gate.cut(direction, afterBytes: bytes, ending)
        case 4:
            // The last bytes of a frame, and nothing more, for a while.
            await gate.cut(direction, afterBytes: bytes, .hold)
            await pause(400)
            await gate.restore()
        case 5:
            await gate.blackHole()
            await pause(1500)
            await gate.restore()
        case 6:
            await gate.setFlow(
                toServer: direction == .toServer ? .hold : nil, toClient: direction == .toClient ? .hold : nil)
            await pause(800)
            await gate.restore()
        case 7:
            // Bytes that are missing from a stream: what comes after them is rubbish to one side or the other.
            await gate.setFlow(
                toServer: direction == .toServer ? .lose : nil, toClient: direction == .toClient ? .lose : nil)
            await pause(200)
            await gate.restore()
            await pause(200)
            await gate.reset()
        case 8:
            await gate.refuse()
            await gate.reset()
            await pause(300)
            try? await gate.admit()
        case 9:
            gate.admission = [.close, .reset, .silence].randomElement(using: &random) ?? .close
            await gate.reset()
            await pause(500)
            gate.admission = .forward
        default:
            gate.admission = .cut(.toClient, afterBytes: Int.random(in: 0..<700, using: &random), ending)
            await gate.reset()
            await pause(300)
            gate.admission = .forward
        }
        await pause(300)
    }
}
