import Foundation

/// How long a key takes to change the screen while the figures on it move.
struct KeyMeasurement {
    /// A key, and the part of the screen that it changes and nothing else does.
    private struct Press: Sendable {
        var keys: String
        var name: String
        var part: @Sendable (ScreenModel) -> String
    }

    let terminal: PseudoTerminal
    let count: Int

    private(set) var all = Samples()
    /// By what was pressed.
    private(set) var byName: [String: Samples] = [:]
    /// Keys that changed nothing within two seconds.
    private(set) var unanswered = 0

    private static let limit = Duration.seconds(2)

    /// What somebody does in the queue view, in turn; it ends as it began.
    private static let round: [Press] =
        [
            Press(keys: "j", name: "move", part: \.selectedName), Press(keys: "j", name: "move", part: \.selectedName),
            Press(keys: "j", name: "move", part: \.selectedName), Press(keys: "k", name: "move", part: \.selectedName),
            Press(keys: "\u{06}", name: "page", part: \.selectedName),
            Press(keys: "\u{06}", name: "page", part: \.selectedName),
            Press(keys: "\u{02}", name: "page", part: \.selectedName),
            Press(keys: "G", name: "page", part: \.selectedName), Press(keys: "g", name: "page", part: \.selectedName),
            Press(keys: ">", name: "sort", part: \.headings), Press(keys: "<", name: "sort", part: \.headings),
            Press(keys: "I", name: "sort", part: \.headings), Press(keys: "I", name: "sort", part: \.headings),
            Press(keys: "/", name: "filter", part: \.filterLine), Press(keys: "0", name: "filter", part: \.filterLine),
            Press(keys: "7", name: "filter", part: \.filterLine),
            Press(keys: "\u{7F}", name: "filter", part: \.filterLine),
            Press(keys: "\u{7F}", name: "filter", part: \.filterLine),
            Press(keys: "\r", name: "filter", part: \.filterLine),
            Press(keys: "3", name: "view", part: \.viewTitle), Press(keys: "2", name: "view", part: \.viewTitle),
            Press(keys: "?", name: "view", part: { String($0.isHelpOpen) }),
            Press(keys: "?", name: "view", part: { String($0.isHelpOpen) }),
        ]

    init(terminal: PseudoTerminal, count: Int) {
        self.terminal = terminal
        self.count = count
    }

    /// - Throws: when so many keys went unanswered that there is nothing to measure.
    mutating func run() throws {
        // The same moments in each run.
        var random = SplitMix(seed: 5_672)
        var index = 0
        while all.count < count {
            let press = Self.round[index % Self.round.count]
            index += 1
            terminal.watch(for: .milliseconds(Int64.random(in: 15...110, using: &random)))
            let before = press.part(terminal.screen)
            let start = ContinuousClock.now
            terminal.send(press.keys)
            guard let arrival = terminal.wait(within: Self.limit, until: { press.part($0) != before }) else {
                unanswered += 1
                all.add(Self.limit.inMilliseconds)
                if unanswered >= 5 {
                    throw terminal.failure("'\(press.keys)' changes nothing of \"\(before)\"")
                }
                continue
            }
            let time = (arrival - start).inMilliseconds
            all.add(time)
            byName[press.name, default: Samples()].add(time)
        }
    }
}

/// Random numbers that are the same in each run; see https://prng.di.unimi.it/splitmix64.c.
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
