import CTerminal
import Glibc
import Screen

extension Terminal {
    /// Waits for keys, the mouse, signals, a new size or a wake-up, at most until the deadline (`nil` for no deadline),
    /// and returns all available input in the order of the keys. Empty at the deadline.
    public func wait(until deadline: ContinuousClock.Instant?) -> [TerminalInput] {
        while true {
            let now = ContinuousClock.now
            let timeout = deadline.map { Self.milliseconds(from: now, to: $0) } ?? -1
            var descriptors = [
                pollfd(fd: isClosed ? -1 : STDIN_FILENO, events: Int16(POLLIN), revents: 0),
                pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&descriptors, nfds_t(descriptors.count), timeout)
            var inputs: [TerminalInput] = []
            if ready > 0 {
                if descriptors[2].revents != 0 {
                    wakeup.clear()
                    inputs.append(.woken)
                }
                if descriptors[0].revents != 0 { readTerminal(events: descriptors[0].revents, into: &inputs) }
                if descriptors[1].revents != 0 { readSignals(into: &inputs) }
            }
            if !inputs.isEmpty { return inputs }
            if let deadline, ContinuousClock.now >= deadline { return [] }
        }
    }

    /// Waits as `wait(until:)`, with a duration from now on.
    public func wait(for duration: Duration) -> [TerminalInput] {
        wait(until: ContinuousClock.now + duration)
    }

    /// Returns the milliseconds until the deadline, rounded up so that the deadline has passed afterwards.
    private static func milliseconds(from now: ContinuousClock.Instant, to deadline: ContinuousClock.Instant) -> Int32 {
        let left = deadline - now
        if left <= .zero { return 0 }
        if left >= .seconds(3600) { return 3_600_000 }
        let (seconds, attoseconds) = left.components
        return Int32(seconds) * 1000 + Int32((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    private func readTerminal(events: Int16, into inputs: inout [TerminalInput]) {
        var batch: [RawInput] = []
        while true {
            let value = CTerminal_read()
            if value < 0 { break }
            batch.append(Self.rawInput(value))
            // Input that never ends must not keep the screen from being drawn.
            if batch.count >= 65536 { break }
        }
        inputs += decoder.decode(batch, at: ContinuousClock.now)
        if batch.isEmpty, events & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 {
            isClosed = true
            inputs.append(.closed)
        }
    }

    private static func rawInput(_ value: Int32) -> RawInput {
        if value < 256 { return .byte(UInt8(truncatingIfNeeded: value)) }
        let code = Int(CTerminal_keyCode(value))
        let modifiers = Key.Modifiers(rawValue: UInt8(truncatingIfNeeded: CTerminal_keyModifiers(value)))
        switch code {
        case Int(CTerminal_keyUp): return .key(Key(.up, modifiers))
        case Int(CTerminal_keyDown): return .key(Key(.down, modifiers))
        case Int(CTerminal_keyLeft): return .key(Key(.left, modifiers))
        case Int(CTerminal_keyRight): return .key(Key(.right, modifiers))
        case Int(CTerminal_keyHome): return .key(Key(.home, modifiers))
        case Int(CTerminal_keyEnd): return .key(Key(.end, modifiers))
        case Int(CTerminal_keyPageUp): return .key(Key(.pageUp, modifiers))
        case Int(CTerminal_keyPageDown): return .key(Key(.pageDown, modifiers))
        case Int(CTerminal_keyInsert): return .key(Key(.insert, modifiers))
        case Int(CTerminal_keyDelete): return .key(Key(.delete, modifiers))
        case Int(CTerminal_keyBackspace): return .key(.backspace)
        case Int(CTerminal_keyEnter): return .key(.enter)
        case Int(CTerminal_keyBackTab): return .key(.backTab)
        case Int(CTerminal_keyMouse): return .mouse
        case Int(CTerminal_keyPasteBegin): return .pasteBegin
        case Int(CTerminal_keyPasteEnd): return .pasteEnd
        default:
            let first = Int(CTerminal_keyFunction)
            return code > first ? .key(Key(.function(code - first), modifiers)) : .unknown
        }
    }

    // MARK: - Signals

    private func readSignals(into inputs: inout [TerminalInput]) {
        var isResized = false
        while case let number = CTerminal_readSignal(signals), number != 0 {
            switch number {
            case SIGWINCH: isResized = true
            case SIGTSTP:
                CTerminal_suspend()
                CTerminal_stopProcess()
                resume(into: &inputs)
                isResized = true
            case SIGCONT:
                resume(into: &inputs)
                isResized = true
            default:
                if let signal = TerminationSignal(number: number) { inputs.append(.signal(signal)) }
            }
        }
        if isResized { resize(into: &inputs) }
    }

    /// Takes over the terminal again after the program was stopped, as soon as it is in the foreground.
    ///
    /// Not when the program was continued only to be ended: the terminal then belongs to the shell.
    private func resume(into inputs: inout [TerminalInput]) {
        takeContinue()
        while tcgetpgrp(STDIN_FILENO) != -1, tcgetpgrp(STDIN_FILENO) != getpgrp() {
            if isToEnd(inputs) { return }
            CTerminal_stopProcess()
            // A process of an orphaned process group cannot be stopped.
            if !SignalMask.isContinuePending { break }
            takeContinue()
        }
        if isToEnd(inputs) { return }
        CTerminal_reassert()
        CTerminal_resume()
        redraw()
        inputs.append(.resumed)
    }

    private func isToEnd(_ inputs: [TerminalInput]) -> Bool {
        if SignalMask.isTerminationPending { return true }
        return inputs.contains { input in
            if case .signal = input { return true }
            return false
        }
    }

    /// Removes the handled SIGCONT from the pending signals.
    private func takeContinue() {
        var only = sigset_t()
        sigemptyset(&only)
        sigaddset(&only, SIGCONT)
        var none = timespec(tv_sec: 0, tv_nsec: 0)
        sigtimedwait(&only, nil, &none)
    }

    private func resize(into inputs: inout [TerminalInput]) {
        let now = Self.windowSize()
        if now == size { return }
        size = now
        shown = nil
        CTerminal_resize(Int32(now.height), Int32(now.width))
        inputs.append(.resized(now))
    }
}
