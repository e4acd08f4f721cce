import ArgumentParser
import Foundation
import Glibc
import Terminal
import TopCore

/// The entry point, on the main thread, which a dashboard reserves for the terminal.
@main
enum Main {
    static func main() {
        StandardStream.fillClosed()
        // With these signals ignored, writing to a closed pipe or beyond a file size limit fails instead of ending the
        // program, so that faults in force can be undone.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        // Before any thread starts: threads inherit the mask, and only the terminal's loop reads signals.
        do {
            let command = try Rabbittop.parseAsRoot()
            switch command {
            case let command as any TerminalCommand:
                try OpenFileLimit.prepare()
                SignalMask.block()
                finish(try command.runOnMainThread())
            case let command as any AsyncParsableCommand:
                try OpenFileLimit.prepare()
                // A parent process may have blocked all signals, as one that uses Dispatch does; this thread receives
                // them.
                SignalMask.unblock()
                try runInTask(command)
            default:
                var command = command
                try command.run()
            }
            finish(ExitStatus.done)
        } catch {
            finish(error)
        }
    }

    /// Runs a command that waits for a broker, while the main thread does nothing else.
    private static func runInTask(_ command: sending any AsyncParsableCommand) throws {
        try MainThread.wait { () async -> Result<Void, any Error> in
            var command = command
            do {
                return .success(try await command.run())
            } catch {
                return .failure(error)
            }
        }.get()
    }

    /// Prints an error on standard error in one or two lines and ends; usage errors end with 2, as INTERFACE specifies
    /// for all commands.
    private static func finish(_ error: any Error) -> Never {
        if let error = error as? CommandError {
            Output.complain(error.description)
            // Monitoring takes 1 for a warning; a check that failed is unknown.
            finish(isCheck && error.exitCode == ExitStatus.failed ? usageStatus : error.exitCode)
        }
        if let error = error as? SettingsError {
            Output.complain(error.description)
            finish(usageStatus)
        }
        let code = Rabbittop.exitCode(for: error)
        let problem = UsageProblem(error, arguments: Array(CommandLine.arguments.dropFirst()))
        let message = problem?.text ?? Rabbittop.fullMessage(for: error)
        if code == .success {
            if !message.isEmpty { Output.write(message + "\n") }
            finish(ExitStatus.done)
        }
        if !message.isEmpty { Output.complain(message, prefixed: false) }
        finish(code == .validationFailure ? usageStatus : code.rawValue)
    }

    /// Ends the program, after reporting whether all of its output was written.
    private static func finish(_ status: Int32) -> Never {
        let status = Output.end(status, lost: isCheck ? CheckReport.Status.unknown.exitCode : ExitStatus.failed)
        TerminationSignal.endProcess(withStatus: status)
        exit(status)
    }

    /// Monitoring takes 2 for critical; a mistyped check is unknown.
    private static var usageStatus: Int32 { isCheck ? CheckReport.Status.unknown.exitCode : ExitStatus.usage }

    private static var isCheck: Bool { CommandLine.arguments.dropFirst().first == "check" }
}

/// A command that takes over the terminal and so runs synchronously on the main thread.
protocol TerminalCommand: ParsableCommand {
    /// Runs the command.
    ///
    /// - Returns: the exit status.
    func runOnMainThread() throws -> Int32
}
