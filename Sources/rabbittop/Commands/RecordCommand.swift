import ArgumentParser
import BrokerMonitor
import Dispatch
import Foundation
import Glibc
import Recorder
import Screen
import Synchronization
import TopCore

/// `rabbittop record FILE`: watches a broker without a screen, and writes what it reports into a recording.
struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Record the broker's state and events over time in one SQLite file.",
        discussion: """
            Records everything the dashboard can show, changes only, until Ctrl-C, SIGTERM or the end of --for. An \
            existing recording is continued. The broker may restart meanwhile; what is not known is a gap. SIGHUP \
            begins a new file at the same path, after the old one was moved away. \
            'rabbittop replay FILE' shows it, and so does sqlite3. \
            Exit codes: 0 done, 1 failed, 2 usage, 77 not permitted.
            """)

    @Argument(help: "The file to write.") var file: String
    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @OptionGroup(title: "Recording") var history: HistoryOptions
    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("How long to record; until it is ended by default.", valueName: "time"))
    var duration: String?

    func validate() throws {
        if file.isEmpty { throw ValidationError("FILE is empty; give the path of a file.") }
        if let duration, Quantity.seconds(duration) == nil {
            throw ValidationError("--for takes a time, as in 90s, 30m or 48h.")
        }
    }

    /// When unused memory is given back to the system for the first time, and how often after that.
    private static let firstTrim = Duration.seconds(10)
    private static let trimInterval = Duration.seconds(30)

    func run() async throws {
        ResidentMemory.limitArenas()
        let settings = try SettingsGathering(broker: broker, history: history).settings()
        let password = await SettingsGathering.password(for: settings)
        let path = (file as NSString).expandingTildeInPath
        let reporter = StatusLines(path: file)
        let recorder: Recorder
        do throws(RecordingError) {
            recorder = try Recorder(
                .file(path), limits: settings.history,
                about: RecordingInfo(program: Version.current, host: settings.target)
            ) { reporter.note($0) }
        } catch {
            throw CommandError(error)
        }
        defer { recorder.close() }
        let link = try HeadlessLink(BrokerConfiguration(settings, password: password))
        let ending = Mutex(false)
        let interrupt = Interrupt { ending.withLock { $0 = true } }
        let hangup = HangupHandler {
            do throws(RecordingError) {
                try recorder.rotate()
            } catch {
                Output.complain("\(error.what).\n\(error.advice)")
            }
        }
        defer {
            interrupt.end()
            hangup.end()
        }
        Output.note("Recording \(settings.target) to \(file). Ctrl-C ends it.")
        let until = duration.flatMap(Quantity.seconds).map { ContinuousClock.now + .seconds($0) }
        var options = State.Options(settings)
        options.rules = settings.rules
        // Rows are for a screen, and for rules of the user.
        options.keepsQueues = options.rules.contains { $0.view == .queues }
        let state = State(size: Size(width: 200, height: 60), options: options, now: Date())
        let feed = RecorderFeed([recorder])
        let trimmed = Mutex((at: ContinuousClock.now, count: 0))
        try await link.follow(state) { event, state in
            if let event { feed.take(event, state) }
            // A user without access has to be told; a broker that is away may come back.
            if let problem = link.lacksBroker, problem.exitCode == ExitStatus.notPermitted, state.cluster == nil {
                throw problem
            }
            trimmed.withLock { last in
                let interval = last.count == 0 ? Self.firstTrim : Self.trimInterval
                guard event == nil, ContinuousClock.now - last.at >= interval else { return }
                last = (ContinuousClock.now, last.count + 1)
                ResidentMemory.trim()
                // After the start, and once everything has run that runs regularly.
                if last.count <= 2 { ResidentMemory.releaseCode() }
            }
            return ending.withLock { $0 } || until.map { ContinuousClock.now >= $0 } ?? false
        }
    }
}

/// Says on standard error when recording stops and when it goes on, one line each.
private final class StatusLines: Sendable {
    private let path: String
    private let problem = Mutex<String?>(nil)

    init(path: String) {
        self.path = path
    }

    func note(_ status: RecordingStatus) {
        let before = problem.withLock { problem in
            defer { problem = status.problem }
            return problem
        }
        guard before != status.problem else { return }
        if let problem = status.problem {
            Output.complain(Text.visible([problem, status.advice].compactMap(\.self).joined(separator: ". ")))
        } else {
            Output.note(Text.visible("Recording to \(path) goes on."))
        }
    }
}

/// Calls a function on SIGHUP, which ends the process otherwise.
private final class HangupHandler: Sendable {
    private let source: Mutex<any DispatchSourceSignal>

    init(_ action: @escaping @Sendable () -> Void) {
        signal(SIGHUP, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
        source.setEventHandler(handler: action)
        source.resume()
        self.source = Mutex(source)
    }

    func end() {
        source.withLock { $0.cancel() }
        signal(SIGHUP, SIG_DFL)
    }
}
