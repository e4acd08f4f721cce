import BrokerMonitor
import Foundation
import Glibc
import RabbitMQManagement
import Recorder
import Terminal
import TopCore

/// A dashboard from its first frame until the terminal is restored, with the services it needs.
struct DashboardSession {
    /// How long services may take to end after the user quits, in seconds; the process must not stay longer.
    private static let shutdownTime = 2.5

    var options: State.Options
    var link: BrokerConfiguration
    /// What runs beside the link until the end: the demo's workload.
    var services: [@Sendable () async -> Void] = []
    /// How much the history and recordings keep.
    var limits = RecordingLimits()
    /// Injects faults, and undoes them at the end.
    var session: FaultSession?

    /// Checks that a dashboard can run here, before a password is asked for or a broker is started.
    static func checkTerminal() throws {
        if isatty(STDIN_FILENO) != 1 { throw CommandError(terminal: .inputNotATerminal) }
        if isatty(STDOUT_FILENO) != 1 { throw CommandError(terminal: .outputNotATerminal) }
    }

    /// Runs the dashboard.
    ///
    /// - Returns: the exit status.
    func run() throws -> Int32 {
        // The fault session's connections have to be closed wherever a start fails.
        defer { if let session { _ = BackgroundTask { await session.end() }.value(within: Self.shutdownTime) } }
        let screen = try DashboardScreen(options)
        let (terminal, options) = (screen.terminal, screen.options)
        let wakeup = screen.wakeup
        let inbox = Inbox(onArrival: { wakeup.signal() })
        let link: BrokerLink
        let recorder: SessionRecorder
        do {
            var configuration = self.link
            if let proxy = session?.proxy {
                configuration.proxySessions = { await proxy.sessions().map { ProxiedConnection($0) } }
            }
            link = try BrokerLink(
                configuration, faults: session?.registry, experiments: LaboratoryRunner(), inbox: inbox)
            recorder = try SessionRecorder(
                limits: limits, about: RecordingInfo(program: Version.current, host: options.target), inbox: inbox)
        } catch let error as RecordingError {
            terminal.restore()
            throw CommandError(error)
        } catch let error as ManagementError {
            terminal.restore()
            throw CommandError(error)
        }
        var services = services + [{ await link.run() }]
        if let session { services.append { await session.feed(link) } }
        let running = services
        let root = BackgroundTask {
            await withTaskGroup { group in
                for service in running { group.addTask { await service() } }
            }
        }
        let lookup = HistoryLookup(recorder.reader, inbox: inbox)
        var dashboard = Dashboard(
            terminal: terminal, inbox: inbox, options: options,
            perform: { action in
                switch action {
                case .seek(let target): lookup.seek(target)
                case .curves(let requests): lookup.curves(requests)
                case .record(let path): recorder.record(to: path)
                case .watch, .start, .cancel, .copy, .quit: link.perform(action)
                }
            }, record: { recorder.take($0, $1) })
        let status = dashboard.run()
        terminal.restore()
        // From here on Ctrl-C ends what takes long to stop.
        SignalMask.unblock()
        if let session {
            let undoing = BackgroundTask { await session.undoAll(within: Self.shutdownTime) }
            for problem in undoing.value() { Output.complain(problem) }
        }
        root.cancel()
        _ = root.value(within: Self.shutdownTime)
        recorder.close()
        return status
    }
}

extension CommandError {
    init(terminal error: TerminalError) {
        self.init(error.message, exitCode: ExitStatus.usage)
    }
}

/// The terminal of a dashboard, with the options that fit it.
struct DashboardScreen {
    let terminal: Terminal
    let wakeup: Wakeup
    let options: State.Options

    init(_ wanted: State.Options) throws {
        do throws(TerminalError) {
            wakeup = try Wakeup()
            terminal = try Terminal(
                options: TerminalOptions(colors: wanted.color, mouse: wanted.mouse, ascii: wanted.ascii),
                wakeup: wakeup)
        } catch {
            throw CommandError(terminal: error)
        }
        var options = wanted
        options.ascii = options.ascii || !terminal.isUTF8
        options.color = options.color && terminal.colorCount > 0
        self.options = options
    }
}

extension CommandError {
    init(_ error: RecordingError) {
        let exitCode: Int32 =
            switch error {
            case .noSuchFile, .exists, .notARecording, .newerFormat: ExitStatus.usage
            case .damaged, .inUse, .diskFull, .notWritable, .cancelled, .failed: ExitStatus.failed
            case .readOnly: ExitStatus.notPermitted
            }
        self.init("\(error.what).\n\(error.advice)", exitCode: exitCode)
    }
}
