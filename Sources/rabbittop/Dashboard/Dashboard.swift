import BrokerMonitor
import Foundation
import Glibc
import Names
import Screen
import Terminal
import TopCore
import TopView

/// The loop on the main thread: events change the state, the state is rendered as a frame, and the frame is written.
struct Dashboard {
    /// The shortest time between two frames that only incoming data cause; a key is answered immediately.
    private static let framePause = Duration.milliseconds(40)
    /// The interval at which ages on the screen, in seconds, are updated.
    private static let tick = Duration.seconds(1)

    let terminal: Terminal
    let inbox: Inbox
    /// Starts an action; does not block.
    let perform: (Action) -> Void
    /// Records an event that the state has taken; does not block.
    let record: (Event, State) -> Void
    var state: State

    private var rendering: Rendering?
    private var lastFrame = ContinuousClock.now - .seconds(1)
    private var needsFrame = true

    init(
        terminal: Terminal, inbox: Inbox, options: State.Options, perform: @escaping (Action) -> Void,
        record: @escaping (Event, State) -> Void = { _, _ in }
    ) {
        self.record = record
        self.terminal = terminal
        self.inbox = inbox
        self.perform = perform
        state = State(size: terminal.size, options: options, now: Date())
    }

    /// Runs until the user quits.
    ///
    /// - Returns: the exit status; 128 plus the signal's number if a signal ended it, as in a shell.
    mutating func run() -> Int32 {
        draw()
        if !handle(.tick) { return ExitStatus.done }
        var nextTick = ContinuousClock.now + Self.tick
        while true {
            let now = ContinuousClock.now
            if now >= nextTick {
                nextTick = now + Self.tick
                if !handle(.tick) { return ExitStatus.done }
            }
            if needsFrame, now >= lastFrame + Self.framePause { draw() }
            let inputs = terminal.wait(until: needsFrame ? min(nextTick, lastFrame + Self.framePause) : nextTick)
            var isAnswerDue = false
            for input in inputs {
                switch take(input) {
                case .goOn(let isUrgent): isAnswerDue = isAnswerDue || isUrgent
                case .end(let status): return status
                }
            }
            if isAnswerDue { draw() }
        }
    }

    private enum Outcome {
        case goOn(isUrgent: Bool)
        case end(Int32)
    }

    /// The cluster that is to be shown next; nil if the program is to end.
    private(set) var next: Name?

    private mutating func take(_ input: TerminalInput) -> Outcome {
        switch input {
        case .key(let key): return outcome(handle(.key(key)), isUrgent: true)
        case .paste(let text): return outcome(handle(.paste(text)), isUrgent: true)
        case .mouse(let event): return outcome(handle(event), isUrgent: true)
        case .resized(let size): return outcome(handle(.resized(size)), isUrgent: true)
        case .resumed: return outcome(handle(.tick), isUrgent: true)
        case .woken:
            for event in inbox.drain() {
                if !handle(event) { return .end(ExitStatus.done) }
            }
            return .goOn(isUrgent: false)
        case .signal(let signal): return .end(128 + signal.number)
        case .closed: return .end(128 + TerminationSignal.hangup.number)
        }
    }

    private func outcome(_ goesOn: Bool, isUrgent: Bool) -> Outcome {
        goesOn ? .goOn(isUrgent: isUrgent) : .end(ExitStatus.done)
    }

    /// Handles an event.
    ///
    /// - Returns: false if the program is to end.
    private mutating func handle(_ event: Event) -> Bool {
        needsFrame = true
        for action in update(&state, event, at: Date()) {
            switch action {
            case .quit: return false
            case .enterCluster(let name):
                next = name
                return false
            case .copy(let bytes): terminal.copy(bytes)
            case .watch, .start, .cancel, .seek, .curves, .record, .watchClusters, .switchCluster: perform(action)
            }
        }
        record(event, state)
        return true
    }

    private mutating func handle(_ event: MouseEvent) -> Bool {
        let hit = rendering?.hit(event.point)
        let pointer: Pointer? =
            switch event.kind {
            case .press(.left): hit
            case .doubleClick:
                switch hit {
                case .row(let place)?: .openRow(place)
                case .overviewLine(let item)?: .openOverviewLine(item)
                default: hit
                }
            case .scrollUp: hit == .detail ? .scrollDetail(lines: -3) : .scroll(lines: -3)
            case .scrollDown: hit == .detail ? .scrollDetail(lines: 3) : .scroll(lines: 3)
            case .press, .release: nil
            }
        guard let pointer else { return true }
        return handle(.pointer(pointer))
    }

    private mutating func draw() {
        var rendering = render(state, size: terminal.size)
        if rendering.tableRows != state.tableRows {
            // The number of rows follows the size of the screen, and what is on the screen decides what is polled.
            _ = handle(.viewport(rows: rendering.tableRows, limits: rendering.limits))
            rendering = render(state, size: terminal.size)
        }
        if rendering.limits != state.scrollLimits {
            _ = handle(.viewport(rows: state.tableRows, limits: rendering.limits))
        }
        terminal.draw(rendering.frame)
        self.rendering = rendering
        needsFrame = false
        lastFrame = .now
    }
}
