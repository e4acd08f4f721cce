import Foundation
import Glibc
import Screen

/// The exit statuses that scripts rely on.
enum ExitStatus {
    static let done: Int32 = 0
    static let failed: Int32 = 1
    static let usage: Int32 = 2
    /// The broker is not reachable (`EX_UNAVAILABLE` of sysexits.h).
    static let unreachable: Int32 = 69
    /// Not permitted (`EX_NOPERM` of sysexits.h).
    static let notPermitted: Int32 = 77
}

/// A command's failure: what happened, what to do, and the exit status it ends with.
struct CommandError: Error, CustomStringConvertible {
    var description: String
    var exitCode: Int32

    init(_ description: String, exitCode: Int32 = ExitStatus.failed) {
        self.description = description
        self.exitCode = exitCode
    }
}

enum Output {
    /// Says something on standard error; control characters from outside are made visible.
    static func complain(_ text: String, prefixed: Bool = true) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { Text.visible(String($0)) }
        let message = (prefixed ? "rabbittop: " : "") + lines.joined(separator: "\n") + "\n"
        FileHandle.standardError.write(Data(message.utf8))
    }

    /// Says how something goes on, on standard error.
    static func note(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// Shows one line of progress on a terminal in place of the one before; nil wipes it away.
    static func status(_ text: String?) {
        FileHandle.standardError.write(Data("\r\u{1b}[K\(text.map(Text.visible) ?? "")".utf8))
    }

    /// Writes to standard output. A reader that went away (`| head`) ends the program quietly.
    static func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written > 0 {
                bytes = bytes.dropFirst(written)
            } else if errno != EINTR {
                exit(errno == EPIPE ? ExitStatus.done : ExitStatus.failed)
            }
        }
    }
}
