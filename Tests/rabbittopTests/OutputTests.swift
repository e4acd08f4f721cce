import Foundation
import Glibc
import Synchronization
import Testing

@testable import rabbittop

@Suite("What the program prints")
struct OutputTests {
    /// ESC, BEL, DEL, C1 (NEL and CSI), overrides of the direction of writing, separators of lines and paragraphs.
    private static let hidden: [Unicode.Scalar] = [
        "\u{0}", "\u{7}", "\u{8}", "\u{b}", "\u{1b}", "\u{7f}", "\u{80}", "\u{85}", "\u{9b}", "\u{9f}", "\u{2028}",
        "\u{2029}", "\u{202a}", "\u{202e}", "\u{2066}", "\u{2069}",
    ]

    private static func harms(_ text: String, besides allowed: [Unicode.Scalar] = []) -> [Unicode.Scalar] {
        text.unicodeScalars.filter { (hidden + ["\r"]).contains($0) && !allowed.contains($0) }
    }

    @Test(
        "Text for people has nothing in it that drives a terminal; its own line feeds and tabs stay", arguments: hidden)
    func text(scalar: Unicode.Scalar) {
        let passed = OutputGate.passed("a\t\(scalar)b\n注文\n", as: .text, toTerminal: false)
        #expect(Self.harms(passed).isEmpty && passed.hasPrefix("a\t\\") && passed.hasSuffix("b\n注文\n"))
    }

    @Test("A carriage return is no part of a line's end for people")
    func carriageReturn() {
        #expect(OutputGate.visible("one\r\ntwo\n") == "one\\r\ntwo\n")
    }

    @Test("JSON has no such character, to a pipe and to a terminal, and is the same value", arguments: hidden)
    func json(scalar: Unicode.Scalar) throws {
        let value = ["name": "a\(scalar)b\ncafe\u{301}"]
        let written = String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
        for isTerminal in [true, false] {
            let passed = OutputGate.passed(written + "\r\n", as: .json, toTerminal: isTerminal)
            #expect(Self.harms(passed).isEmpty)
            let read = try JSONDecoder().decode([String: String].self, from: Data(passed.utf8))
            #expect(read["name"]?.unicodeScalars.elementsEqual(value["name"]!.unicodeScalars) == true)
        }
    }

    @Test("CSV is exact for a program, and harmless on a terminal", arguments: hidden)
    func csv(scalar: Unicode.Scalar) {
        let csv = "name,n\r\n\"x\(scalar)\r\nOK: \"\"all\"\" is well\",1\r\ny,2\r\n"
        #expect(OutputGate.passed(csv, as: .csv, toTerminal: false).unicodeScalars.elementsEqual(csv.unicodeScalars))
        let shown = OutputGate.passed(csv, as: .csv, toTerminal: true)
        #expect(Self.harms(shown).isEmpty)
        // A record is a line, whatever is in its fields.
        let lines = shown.split(separator: "\n")
        #expect(lines.count == 3 && lines[0] == "name,n" && lines[2] == "y,2")
        #expect(lines[1].contains(#"\r\nOK: ""all"""#))
    }

    @Test("A line for people is one line")
    func line() {
        let (reading, writing) = pipe()
        defer { for end in [reading, writing] { close(end) } }
        #expect(StandardStream(writing).write(OutputGate.visible("a") + "\n"))
        #expect(read(reading) == "a\n")
    }

    @Test("A reader that went away is told by the stream, and by no signal")
    func closedPipe() {
        signal(SIGPIPE, SIG_IGN)
        let (reading, writing) = pipe()
        defer { close(writing) }
        let stream = StandardStream(writing)
        #expect(stream.write("one\n") && stream.failure == nil)
        close(reading)
        #expect(!stream.write("two\n") && stream.failure == EPIPE && stream.isClosed)
        #expect(!stream.write("three\n"))
    }

    @Test("A disk that is full is told, and tried again; one that was never open is not")
    func fullDisk() {
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        let stream = StandardStream(full)
        #expect(!stream.write("one\n") && stream.failure == ENOSPC && !stream.isClosed)
        let none = StandardStream(-1)
        #expect(!none.write("one\n") && none.failure == EBADF && none.isClosed)
    }

    @Test("A reader that takes its time is waited for, though the pipe does not block")
    func nonBlocking() async {
        let (reading, writing) = pipe()
        defer { for end in [reading, writing] { close(end) } }
        _ = fcntl(writing, F_SETFL, O_NONBLOCK)
        let text = String(repeating: "0123456789abcde\n", count: 20_000)
        let writer = Task.detached { StandardStream(writing).write(text) }
        var taken = 0
        while taken < text.utf8.count { taken += read(reading)?.utf8.count ?? 0 }
        #expect(await writer.value && taken == text.utf8.count)
    }

    @Test("What follows a line that was cut off stands on a line of its own")
    func cutLine() {
        let disk = Disk()
        let stream = StandardStream(1) { _, bytes, count in disk.take(bytes, count) }
        #expect(!stream.write("abcdefgh\n") && stream.failure == ENOSPC)
        disk.room.withLock { $0 = 100 }
        #expect(stream.write("next\n") && stream.failure == ENOSPC)
        #expect(disk.text.withLock { $0 } == "abcd\nnext\n")
    }

    /// Takes as many bytes as it has room for.
    private final class Disk: Sendable {
        let room = Mutex(4)
        let text = Mutex("")

        func take(_ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
            let taken = room.withLock { room in
                defer { room -= min(room, count) }
                return min(room, count)
            }
            guard taken > 0 else {
                errno = ENOSPC
                return -1
            }
            text.withLock {
                $0 += String(decoding: UnsafeRawBufferPointer(start: bytes, count: taken), as: UTF8.self)
            }
            return taken
        }
    }

    private func pipe() -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        _ = Glibc.pipe(&ends)
        return (ends[0], ends[1])
    }

    private func read(_ descriptor: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }
}
