import CTerminal
import Foundation

extension Terminal {
    /// Asks the terminal to put text on the clipboard (OSC 52). A terminal may refuse it, and does not say so.
    ///
    /// tmux takes it where `set-clipboard` is `on`; with `allow-passthrough` it also reaches the terminal around tmux.
    public func copy(_ bytes: [UInt8]) {
        let isInTmux = getenv("TMUX").map { $0.pointee != 0 } ?? false
        for sequence in Self.clipboardSequences(bytes, isInTmux: isInTmux) {
            sequence.withUnsafeBufferPointer { CTerminal_send($0.baseAddress, $0.count) }
        }
    }

    /// The escape sequences that put bytes on the clipboard.
    static func clipboardSequences(_ bytes: [UInt8], isInTmux: Bool) -> [[UInt8]] {
        let escape: UInt8 = 0x1B
        let bell: UInt8 = 0x07
        let plain = [escape] + Array("]52;c;".utf8) + Array(Data(bytes).base64EncodedData()) + [bell]
        guard isInTmux else { return [plain] }
        // Within tmux's own sequence each escape is doubled.
        let wrapped = [escape] + Array("Ptmux;".utf8) + [escape] + plain + [escape] + Array("\\".utf8)
        return [plain, wrapped]
    }
}
