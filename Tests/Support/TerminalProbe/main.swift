import Foundation
import Screen
import Terminal

// A program for the tests of `Terminal`: shows what comes in, and ends or crashes when told to.
//
//   q  end        s  SIGSEGV        a  abort        f  a failed precondition        o  run out of stack
//   n  draw the same frame 100 times                c  cursor on and off            w  be woken by a thread

SignalMask.block()

let arguments = CommandLine.arguments.dropFirst()
let options = TerminalOptions(
    colors: !arguments.contains("--no-color"), mouse: !arguments.contains("--no-mouse"),
    ascii: arguments.contains("--ascii"))
let log = arguments.first { $0.hasPrefix("--log=") }.map { String($0.dropFirst(6)) }

func note(_ line: String) {
    guard let log, let file = fopen(log, "a") else { return }
    fputs(line + "\n", file)
    fclose(file)
}

struct Probe {
    let terminal: Terminal
    let wakeup: Wakeup
    var lines: [String] = []
    var showsCursor = false

    func frame() -> Frame {
        let size = terminal.size
        var frame = Frame(size: size)
        let mode = "utf8=\(terminal.isUTF8) colors=\(terminal.colorCount)"
        frame.write("probe \(size.width)x\(size.height) \(mode)", at: .zero, style: Style(attributes: .bold))
        let names = ["orders", "注文ＡＢ", "e\u{301}cole", "🐇👍🏽!", "bad\u{1b}[31m", "한국어", "─▁█"]
        for (index, name) in names.enumerated() {
            let y = index + 1
            frame.write("|", at: Point(x: 0, y: y))
            frame.writeField(name, at: Point(x: 1, y: y), width: 12)
            frame.write("|", at: Point(x: 13, y: y))
        }
        let red = Style(foreground: .indexed(196), background: .indexed(236))
        frame.write("red on grey", at: Point(x: 16, y: 1), style: red)
        frame.write("underlined", at: Point(x: 16, y: 2), style: Style(attributes: .underline))
        frame.write("reverse", at: Point(x: 16, y: 3), style: Style(attributes: .reverse))
        for (index, line) in lines.suffix(max(0, size.height - 9)).enumerated() {
            frame.write(line, at: Point(x: 0, y: 8 + index))
        }
        frame.write("corner", at: Point(x: size.width - 6, y: size.height - 1))
        if showsCursor { frame.cursor = Point(x: 3, y: 4) }
        return frame
    }

    mutating func handle(_ input: TerminalInput) -> Bool {
        switch input {
        case .key(let key):
            lines.append("key \(key.label)")
            note("key \(key.label)")
            return handle(key)
        case .mouse(let event): lines.append("mouse \(event.kind) \(event.point.x),\(event.point.y)")
        case .paste(let text): lines.append("paste \(Text.visible(text))")
        case .resized(let size): lines.append("resized \(size.width)x\(size.height)")
        case .resumed: lines.append("resumed")
        case .woken: lines.append("woken")
        case .signal(let signal):
            note("signal \(signal)")
            terminal.restore()
            print("ended by \(signal)")
            return false
        case .closed:
            note("closed")
            return false
        }
        return true
    }

    mutating func handle(_ key: Key) -> Bool {
        switch key {
        case .character("q"):
            terminal.restore()
            print("ended by key")
            return false
        case .character("s"): kill(getpid(), SIGSEGV)
        case .character("a"): abort()
        case .character("f"): preconditionFailure("the probe was told to fail")
        case .character("o"): print(exhaust(1))
        case .character("n"):
            let same = frame()
            terminal.draw(same)
            note("before")
            for _ in 0..<100 { terminal.draw(same) }
            note("after")
        case .character("c"): showsCursor.toggle()
        case .character("w"):
            Thread.detachNewThread { [wakeup] in
                for _ in 0..<10 { wakeup.signal() }
            }
        default: break
        }
        return true
    }

    /// Goes on for ever, and uses stack for it.
    func exhaust(_ depth: Int) -> Int {
        depth == 0 ? 0 : exhaust(depth + 1) + depth % 7
    }
}

do {
    let wakeup = try Wakeup()
    let terminal = try Terminal(options: options, wakeup: wakeup)
    var probe = Probe(terminal: terminal, wakeup: wakeup)
    var goesOn = true
    while goesOn {
        terminal.draw(probe.frame())
        for input in terminal.wait(until: nil) where goesOn { goesOn = probe.handle(input) }
    }
    terminal.restore()
} catch {
    FileHandle.standardError.write(Data("probe: \(error)\n".utf8))
    exit(2)
}
