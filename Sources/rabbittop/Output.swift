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

/// All that the program prints. No write ends it: what has to be undone is undone first, and `end` tells.
enum Output {
    /// Says something on standard error, each line by itself.
    static func complain(_ text: String, prefixed: Bool = true) {
        note((prefixed ? "rabbittop: " : "") + text)
    }

    /// Says how something goes on, on standard error.
    static func note(_ text: String) {
        StandardStream.error.write(OutputGate.visible(text) + "\n")
    }

    /// Asks for an answer on the same line of a terminal.
    static func ask(_ question: String) {
        StandardStream.error.write(Text.visible(question))
    }

    /// Shows one line of progress on a terminal in place of the one before; nil wipes it away.
    static func status(_ text: String?) {
        StandardStream.error.write("\r\u{1b}[K\(text.map(Text.visible) ?? "")")
    }

    /// Writes to standard output.
    ///
    /// - Parameter form: what the text is; what comes from outside in lines for people has its line feeds made visible before.
    /// - Returns: false when not all of it was written.
    @discardableResult
    static func write(_ text: String, as form: OutputGate.Form = .text) -> Bool {
        let stream = StandardStream.output
        return stream.write(OutputGate.passed(text, as: form, toTerminal: stream.isTerminal))
    }

    /// Writes one line for people to standard output: a line feed in it is made visible.
    @discardableResult
    static func line(_ text: String) -> Bool {
        write(Text.visible(text) + "\n")
    }

    /// Whether something could not be written to standard output: who repeats himself stops then.
    static var hasFailed: Bool { StandardStream.output.failure != nil }

    /// Why nothing more can be written, in words; nil while it can.
    static var problem: String? {
        StandardStream.output.failure.map { "Standard output cannot be written: \(String(cString: strerror($0)))." }
    }

    /// The exit status at the end of a command, after what had to be said of its output. A reader that went away
    /// (`| head`) is no failure.
    ///
    /// - Parameter lost: the status of a command whose output was lost.
    static func end(_ status: Int32, lost: Int32 = ExitStatus.failed) -> Int32 {
        guard let failure = StandardStream.output.failure, failure != EPIPE, let problem else { return status }
        complain("\(problem)\nSee the room on its disk, and where it leads.")
        return status == ExitStatus.done || lost != ExitStatus.failed ? lost : status
    }
}
