import Dispatch
import Foundation
import SeededSupport
import Synchronization
import Testing

/// Each parser is given what chance makes of its corpus, for a second, or for as long as `RABBITTOP_FUZZ_SECONDS` says.
///
/// `RABBITTOP_FUZZ_TARGET` names one of them, `RABBITTOP_FUZZ_SEED` repeats a run: `make fuzz SECONDS=60 TARGET=json SEED=1`.
@Suite(.serialized) struct FuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seconds = environment["RABBITTOP_FUZZ_SECONDS"].flatMap { Double($0) }
    /// One input may take so long, in seconds, on a busy machine.
    private static let patience = 5.0

    private static var targets: [FuzzTarget] {
        guard let name = environment["RABBITTOP_FUZZ_TARGET"], !name.isEmpty else { return FuzzTarget.all }
        return FuzzTarget.all.filter { $0.name == name }
    }

    @Test func aTargetIsThere() {
        #expect(!Self.targets.isEmpty, "there are: \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
    }

    @Test(arguments: targets) func nothingThatComesHarms(target: FuzzTarget) throws {
        let seed = Self.environment["RABBITTOP_FUZZ_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max)
        if Self.seconds != nil { print("\(target.name): RABBITTOP_FUZZ_SEED=\(seed)") }
        let corpus = try target.corpus()
        try #require(!corpus.isEmpty)
        let mutator = FuzzMutator(corpus: corpus, limit: 1 << 16)
        let watchdog = Watchdog(target: target.name, seed: seed)
        defer { watchdog.end() }
        let before = Self.residentBytes
        let end = Date().addingTimeInterval(Self.seconds ?? 1)
        var round: UInt64 = 0
        while Date() < end || round < UInt64(corpus.count) {
            let input = mutator.input(seed: seed, round: round)
            var random = SeededRandom(seed: seed ^ round)
            let began = DispatchTime.now().uptimeNanoseconds
            watchdog.begin(round)
            try target.check(input, &random)
            let took = Double(DispatchTime.now().uptimeNanoseconds - began) / 1e9
            guard took < Self.patience else {
                Issue.record(
                    "\(target.name), seed \(seed), round \(round): \(took) s for \(Data(input).base64EncodedString())")
                break
            }
            round += 1
        }
        let grown = Self.residentBytes - before
        #expect(grown < 200 << 20, "\(target.name), seed \(seed): \(grown >> 20) MiB more after \(round) inputs")
        if Self.seconds != nil { print("\(target.name): \(round) inputs, \(grown >> 20) MiB more") }
    }

    private static var residentBytes: Int {
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
        return (pages?.dropFirst().first.flatMap { Int($0) } ?? 0) * 4_096
    }
}

/// Ends the process where an input is never done with: a test cannot.
private final class Watchdog: Sendable {
    private struct State {
        var round: UInt64 = 0
        var since = DispatchTime.now().uptimeNanoseconds
        var isOver = false
    }

    private let state = Mutex(State())

    init(target: String, seed: UInt64) {
        Thread.detachNewThread { [weak self] in
            while let state = self?.state.withLock({ $0 }), !state.isOver {
                let seconds = (DispatchTime.now().uptimeNanoseconds - state.since) / 1_000_000_000
                if seconds > 60 {
                    fatalError("\(target): an input is never done with: seed \(seed), round \(state.round)")
                }
                Thread.sleep(forTimeInterval: 0.5)
            }
        }
    }

    func begin(_ round: UInt64) {
        let now = DispatchTime.now().uptimeNanoseconds
        state.withLock { state in
            state.round = round
            state.since = now
        }
    }

    func end() { state.withLock { $0.isOver = true } }
}
