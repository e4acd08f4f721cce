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

/// Everything that the program prints. A failed write does not end the program, so that faults are undone first; `end`
/// reports it.
enum Output {
    /// Prints an error on standard error, line by line.
    static func complain(_ text: String, prefixed: Bool = true) {
        note((prefixed ? "rabbittop: " : "") + text)
    }

    /// Prints a note on progress on standard error.
    static func note(_ text: String) {
        StandardStream.error.write(OutputGate.visible(text) + "\n")
    }

    /// Prints a question; the answer is typed on the same line of the terminal.
    static func ask(_ question: String) {
        StandardStream.error.write(Text.visible(question))
    }

    /// Shows one line of progress on a terminal, replacing the previous one; nil clears it.
    static func status(_ text: String?) {
        StandardStream.error.write("\r\u{1b}[K\(text.map(Text.visible) ?? "")")
    }

    /// Writes to standard output.
    ///
    /// - Parameter form: the form of the text. In lines for people, line feeds in text from outside are made visible
    ///   beforehand.
    /// - Returns: false if not all of it was written.
    @discardableResult
    static func write(_ text: String, as form: OutputGate.Form = .text) -> Bool {
        let stream = StandardStream.output
        return stream.write(OutputGate.passed(text, as: form, toTerminal: stream.isTerminal))
    }

    /// Writes one line for people to standard output; line feeds in it are made visible.
    @discardableResult
    static func line(_ text: String) -> Bool {
        write(Text.visible(text) + "\n")
    }

    /// Whether a write to standard output failed; commands that print repeatedly stop then.
    static var hasFailed: Bool { StandardStream.output.failure != nil }

    /// Why nothing more can be written, as text; nil while writing works.
    static var problem: String? {
        StandardStream.output.failure.map { "Standard output cannot be written: \(String(cString: strerror($0)))." }
    }

    /// Returns the exit status at the end of a command, after reporting a failure of its output. A reader that went
    /// away (`| head`) is not a failure.
    ///
    /// - Parameter lost: the status of a command whose output was lost.
    static func end(_ status: Int32, lost: Int32 = ExitStatus.failed) -> Int32 {
        guard let failure = StandardStream.output.failure, failure != EPIPE, let problem else { return status }
        complain("\(problem)\nCheck the free space on its disk, and where the output goes.")
        return status == ExitStatus.done || lost != ExitStatus.failed ? lost : status
    }
}
