import BrokerSupport
import Foundation
import Glibc
import Lab
import RabbitMQClient
import Synchronization
import Testing

/// The experiment publisher-confirms at reduced size, both variants, with pika's count of the same messages.
@Suite(.serialized) struct LabConfirmsTests {
    private let size = ["producers": "6", "messages": "100", "stops": "1", "down": "0"]

    @Test(.timeLimit(.minutes(5))) func unconfirmedPublishesAreLostWithoutAWord() async throws {
        let run = try await LabFixture.run("publisher-confirms", "unconfirmed", size)
        #expect(run.result.verdict == .pass, "\(run.result.why)")
        let counts = run.result.ledger.counts
        #expect(counts.published == 601)
        #expect(counts.missing > 0)
        // What is missing is what the broker's queue lacks, and nothing that the lab kept back.
        #expect(counts.distinct + counts.missing == 601)
        #expect(run.audit.distinct == counts.distinct)
        #expect(run.result.ledger.details["left_in_queue"] == .integer(0))
    }

    @Test(.timeLimit(.minutes(5))) func confirmedPublishesAreNot() async throws {
        let run = try await LabFixture.run("publisher-confirms", "confirmed", size)
        #expect(run.result.verdict == .pass, "\(run.result.why)")
        let ledger = run.result.ledger
        #expect(ledger.counts.confirmed == 601)
        #expect(ledger.counts.distinct == 601)
        #expect(ledger.counts.lost == 0)
        #expect(ledger.details["processed"] == .integer(601))
        #expect(run.audit.distinct == 601)
        // The stop was in mid-stream.
        guard case .integer(let taken) = ledger.details["taken_at_stop_1"] else {
            Issue.record("no stop")
            return
        }
        #expect((1..<300).contains(taken))
        #expect(Set(ledger.recoveries.map(\.application)) == ["producers", "consumer"])
    }

    @Test(.timeLimit(.minutes(5))) func aBrokerThatDoesNotComeBackEndsTheRunWithWhatIsKnown() async throws {
        let experiment = try Laboratory.experiment("publisher-confirms")
        let settings = try LabSettings(
            experiment.description, texts: ["producers": "2", "messages": "100", "stops": "1", "down": "4"])
        let port = Mutex<Int?>(nil)
        let run = try LabRun(experiment, variant: "confirmed", settings: settings)
        let changes = run.recorder.changes
        // Somebody takes the broker's port while it is down.
        let thief = Task {
            var taken: Int32?
            for await progress in changes {
                if port.withLock({ $0 }) == nil {
                    let names = run.registry.report().connections.map(\.name)
                    port.withLock { port in
                        port = names.lazy.compactMap { $0.split(separator: ":").last.flatMap { Int($0) } }.first
                    }
                }
                guard taken == nil, !progress.faults.isEmpty, let number = port.withLock({ $0 }) else { continue }
                taken = Self.listener(port: number)
            }
            if let taken { close(taken) }
            return taken != nil
        }
        let result = try await run.run()
        #expect(await thief.value)
        #expect(result.verdict == .fail)
        #expect(result.ledger.errors.contains { $0.text.contains("the broker did not come back") })
        #expect(result.ledger.counts.confirmed > 0)
    }

    /// Nil when somebody has the port.
    private static func listener(port: Int) -> Int32? {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(clamping: port)).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(socket, 1) == 0 else {
            close(socket)
            return nil
        }
        return socket
    }
}
