import Foundation
import Testing

@testable import Terminal

@Suite("The clipboard")
struct ClipboardTests {
    @Test("A terminal gets OSC 52 with the bytes in base64; within tmux also in tmux's own sequence")
    func sequences() {
        let plain = Terminal.clipboardSequences(Array("orders".utf8), isInTmux: false)
        #expect(plain.map { String(decoding: $0, as: UTF8.self) } == ["\u{1B}]52;c;b3JkZXJz\u{07}"])
        let wrapped = Terminal.clipboardSequences([0xFF], isInTmux: true)
        #expect(
            wrapped.map { String(decoding: $0, as: UTF8.self) } == [
                "\u{1B}]52;c;/w==\u{07}", "\u{1B}Ptmux;\u{1B}\u{1B}]52;c;/w==\u{07}\u{1B}\\",
            ])
    }
}
