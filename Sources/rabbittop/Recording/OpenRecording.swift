import ArgumentParser
import Foundation
import Recorder
import TopCore

/// A recording that a command line names, with the times that are given for it.
struct OpenRecording {
    let reader: RecordingReader
    let path: String
    /// The first and the last time that it holds.
    let span: ClosedRange<Date>

    /// - Throws: `CommandError` if it cannot be read, or holds nothing.
    init(_ path: String) throws(CommandError) {
        self.path = path
        do throws(RecordingError) {
            reader = try RecordingReader(file: (path as NSString).expandingTildeInPath)
            guard let span = try reader.span() else {
                throw RecordingError.failed(path: path, why: "nothing is recorded in it yet")
            }
            self.span = span
        } catch {
            throw CommandError(error)
        }
    }

    /// Returns the time that an option gives; a duration counts from the end of the recording.
    ///
    /// - Throws: `CommandError` for a text that is no time.
    func time(_ text: String, option: String, zone: TimeZone = .current) throws(CommandError) -> Date {
        do throws(TypedTime.Problem) {
            return try TypedTime.date(text, from: span.upperBound, latest: span.upperBound, zone: zone)
        } catch {
            throw CommandError("\(option) takes \(error.advice).", exitCode: ExitStatus.usage)
        }
    }

    /// Returns what was known at a time, by default at the end.
    ///
    /// - Throws: `CommandError` if the recording holds nothing there.
    func moment(at text: String?) throws(CommandError) -> Moment {
        let time = try text.map { text throws(CommandError) in try self.time(text, option: "--at") } ?? span.upperBound
        do throws(RecordingError) {
            if let moment = try reader.moment(at: time) { return moment }
        } catch {
            throw CommandError(error)
        }
        throw CommandError(
            "\(path) holds nothing of \(LedgerTime.text(time)).\nIt covers \(LedgerTime.text(span.lowerBound)) to \(LedgerTime.text(span.upperBound))."
        )
    }
}

/// Times in messages for people: UTC, by the second.
enum LedgerTime {
    static func text(_ time: Date) -> String {
        time.formatted(
            Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day().time(includingFractionalSeconds: false)
                .timeZone(separator: .omitted))
    }
}

/// The options of commands that read a broker or, instead of it, a recording.
struct RecordingOptions: ParsableArguments {
    @Option(name: .customLong("from"), help: ArgumentHelp("Read a recording instead of a broker.", valueName: "file"))
    var file: String?
    @Option(
        name: .customLong("at"), parsing: .unconditional,
        help: ArgumentHelp(
            "The time to read: \(TypedTime.examples). A duration counts from the recording's end, which is the default.",
            valueName: "time"))
    var time: String?

    func validate() throws {
        if time != nil, file == nil { throw ValidationError("--at needs a recording: --from FILE.") }
    }
}
