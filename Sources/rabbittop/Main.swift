import ArgumentParser
import Foundation
import Glibc
import Terminal
import TopCore

/// Where the program starts: on the main thread, which a dashboard keeps for the terminal.
@main
enum Main {
    static func main() {
        // Before any thread starts: threads inherit the mask, and only the terminal's loop reads signals.
        do {
            let command = try Rabbittop.parseAsRoot()
            switch command {
            case let command as any TerminalCommand:
                SignalMask.block()
                exit(try command.runOnMainThread())
            case let command as any AsyncParsableCommand:
                try runInTask(command)
            default:
                var command = command
                try command.run()
            }
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
            exit(error.exitCode)
        }
        if let error = error as? SettingsError {
            Output.complain(error.description)
            exit(usageStatus)
        }
        let code = Rabbittop.exitCode(for: error)
        let message = Rabbittop.fullMessage(for: error)
        if code == .success {
            if !message.isEmpty { print(message) }
            exit(0)
        }
        if !message.isEmpty { Output.complain(message, prefixed: false) }
        exit(code == .validationFailure ? usageStatus : code.rawValue)
    }

    /// To monitoring 2 means critical: a mistyped check is unknown.
    private static var usageStatus: Int32 {
        CommandLine.arguments.dropFirst().first == "check" ? CheckReport.Status.unknown.exitCode : ExitStatus.usage
    }
}

/// A command that takes over the terminal and so runs on the main thread, synchronously.
protocol TerminalCommand: ParsableCommand {
    /// - Returns: the exit status.
    func runOnMainThread() throws -> Int32
}
