import ArgumentParser
import Foundation
import Glibc
import Terminal
import TopCore

/// Where the program starts: on the main thread, which a dashboard keeps for the terminal.
@main
enum Main {
    static func main() {
        StandardStream.fillClosed()
        // Writing to what nobody reads, or beyond a limit on files, fails instead: what is in force can be undone then.
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
                // A parent may have started it with all signals blocked, as one that uses Dispatch does; this thread hears them.
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

    /// Errors go to standard error in one or two lines; usage errors end with 2, as INTERFACE says for all commands.
    private static func finish(_ error: any Error) -> Never {
        if let error = error as? CommandError {
            Output.complain(error.description)
            // To monitoring 1 means a warning: a check that failed is unknown.
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

    /// Ends the program, once it is told whether all of its output got through.
    private static func finish(_ status: Int32) -> Never {
        let status = Output.end(status, lost: isCheck ? CheckReport.Status.unknown.exitCode : ExitStatus.failed)
        TerminationSignal.endProcess(withStatus: status)
        exit(status)
    }

    /// To monitoring 2 means critical: a mistyped check is unknown.
    private static var usageStatus: Int32 { isCheck ? CheckReport.Status.unknown.exitCode : ExitStatus.usage }

    private static var isCheck: Bool { CommandLine.arguments.dropFirst().first == "check" }
}

/// A command that takes over the terminal and so runs on the main thread, synchronously.
protocol TerminalCommand: ParsableCommand {
    /// - Returns: the exit status.
    func runOnMainThread() throws -> Int32
}
