import Foundation
import Glibc
import Lab
import Screen

/// The progress of a run on standard error: on a terminal a line that is redrawn, otherwise a line for each note.
struct LabProgressLine {
    private let run: LabRun
    private let isTerminal = StandardStream.error.isTerminal
    private let changes: AsyncStream<LabProgress>

    init(_ run: LabRun) {
        self.run = run
        changes = run.recorder.changes
    }

    /// Prints the progress until the run has ended.
    func follow() async {
        var lines = 0
        for await progress in changes {
            if isTerminal {
                Output.status(Text.truncated(text(progress), to: columns - 1))
            } else if progress.lines != lines {
                lines = progress.lines
                Output.note(Text.visible("\(name), \(Self.seconds(progress)) s: \(progress.saying)"))
            }
        }
    }

    func wipe() {
        if isTerminal { Output.status(nil) }
    }

    private var name: String { "\(run.experiment.description.name) \(run.variant)" }

    private func text(_ progress: LabProgress) -> String {
        let counts = progress.counts
        var figures = ["published \(counts.published)"]
        if counts.confirmed > 0 { figures.append("confirmed \(counts.confirmed)") }
        figures.append("consumed \(counts.consumed)")
        if counts.errors > 0 { figures.append("errors \(counts.errors)") }
        let depth = progress.depths.values.reduce(0, +)
        if depth > 0 { figures.append("in queues \(depth)") }
        return "\(name)  \(Self.seconds(progress)) s  \(figures.joined(separator: "  "))  \(progress.saying)"
    }

    private static func seconds(_ progress: LabProgress) -> String {
        progress.seconds.formatted(.number.precision(.fractionLength(1)).locale(Locale(identifier: "en_US")))
    }

    private var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
        return Int(size.ws_col)
    }
}
