import ArgumentParser
import Foundation
import Recorder
import TopCore

/// `rabbittop report FILE`: one page about an incident.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Make one self-contained page of an incident from a recording.",
        discussion: """
            The page holds what was true, what is other at the end, the findings, the events with their causes, the \
            figures that changed most and the injected faults. It loads nothing from elsewhere.
            """)

    @Argument(help: "The recording.") var file: String
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The beginning: \(TypedTime.examples); the recording's by default.", valueName: "time"))
    var from: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("The end; the recording's by default.", valueName: "time"))
    var to: String?
    @Option(
        name: .shortAndLong, help: ArgumentHelp("The page to write; standard output by default.", valueName: "page"))
    var output: String?

    func run() throws {
        let recording = try OpenRecording(file)
        let (from, to) = try recording.range(from: from, to: to)
        let report: IncidentReport
        do throws(RecordingError) {
            report = try recording.reader.incident(from: from, to: to)
        } catch {
            throw CommandError(error)
        }
        let page = report.html(at: Date())
        guard let output else {
            Output.write(page)
            return
        }
        try NewFile.write(Data(page.utf8), to: output)
        Output.note("Wrote \(output).")
    }
}

extension OpenRecording {
    /// Returns the time between two that were typed, by default all of the recording.
    func range(from: String?, to: String?) throws(CommandError) -> (from: Date, to: Date) {
        let begin =
            try from.map { text throws(CommandError) in try time(text, option: "--from") } ?? span.lowerBound
        let end = try to.map { text throws(CommandError) in try time(text, option: "--to") } ?? span.upperBound
        guard begin < end else {
            throw CommandError("The end, --to, has to be after the beginning, --from.", exitCode: ExitStatus.usage)
        }
        return (begin, end)
    }
}

/// Files that commands write for the user.
enum NewFile {
    /// Writes a file; one that exists is not replaced.
    ///
    /// - Throws: `CommandError` with the cause.
    static func write(_ data: Data, to path: String) throws(CommandError) {
        let path = (path as NSString).expandingTildeInPath
        do {
            try data.write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        } catch CocoaError.fileWriteFileExists {
            throw CommandError("\(path) exists already.\nRemove it first, or choose another name.")
        } catch {
            throw CommandError("\(path) cannot be written.\nCheck the path, its permissions and the free space.")
        }
    }
}
