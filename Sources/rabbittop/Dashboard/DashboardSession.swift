import BrokerMonitor
import BrokerOperations
import Faults
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

    /// The clusters that the dashboard can switch to.
    var clusters: ClusterDirectory?

    /// How a dashboard ended.
    private enum End {
        case quits(Int32)
        /// Another cluster is to be shown. What could not be undone before is said there.
        case enters(ClusterDirectory.Target, view: ViewID, notice: String?)
    }

    /// Runs the dashboard, and those of the clusters that it switches to.
    ///
    /// - Returns: the exit status.
    func run() throws -> Int32 {
        let screen: DashboardScreen
        do {
            screen = try DashboardScreen(options)
        } catch {
            endSession()
            throw error
        }
        var current = self
        while true {
            switch try current.run(on: screen) {
            case .quits(let status): return status
            case .enters(let target, let view, let notice):
                current = current.next(target, view: view, notice: notice)
            }
        }
    }

    /// Closes the fault session's connections.
    private func endSession() {
        if let session { _ = BackgroundTask { await session.end() }.value(within: Self.shutdownTime) }
    }

    /// Returns the dashboard of another cluster.
    private func next(_ target: ClusterDirectory.Target, view: ViewID, notice: String?) -> DashboardSession {
        var next = self
        let settings = target.settings
        next.services = []
        next.link = BrokerConfiguration(settings, password: target.password)
        next.limits = settings.history
        next.options = State.Options(settings, initialView: view)
        next.options.clusters = options.clusters
        next.options.cluster = target.name
        next.options.rules = settings.rules
        next.options.screenFile = options.screenFile
        next.options.screens = options.screenFile.flatMap { try? ScreenFile(path: $0).read() } ?? options.screens
        next.options.given = [.view]
        var notices = [notice].compactMap(\.self)
        let (link, locator) = (next.link, settings.allowsFaults ? nil : BrokerLocator(next.link))
        let isReadOnly = settings.isReadOnly
        func session(proxyPort: Int?) -> Result<FaultSession, any Error> {
            MainThread.wait { await FaultSession.result(link, proxyPort: proxyPort, locator: locator) }
        }
        var made = session(proxyPort: settings.proxyPort)
        if case .failure = made, settings.proxyPort != nil {
            notices.append("The proxy could not be started for \(target.name)")
            made = session(proxyPort: nil)
        }
        next.session = try? made.get()
        if let session = next.session {
            next.options.faults = FaultPermission(
                injectionPoints: session.registry.injectionPoints, isLoopback: target.place == .thisMachine,
                isAllowed: settings.allowsFaults, isReadOnly: isReadOnly)
            let looking = BackgroundTask { () async -> [LeftBehind]? in try? await session.leftBehind() }
            if let left = looking.value(within: 0.5) ?? nil, !left.isEmpty {
                notices.append("An earlier rabbittop left faults in force here: 'rabbittop fault undo' undoes them")
            }
            looking.cancel()
        }
        next.options.notice = notices.isEmpty ? nil : notices.joined(separator: " · ")
        return next
    }

    /// Runs the dashboard of one broker.
    private func run(on screen: DashboardScreen) throws -> End {
        // The fault session's connections have to be closed wherever a start fails.
        defer { endSession() }
        let terminal = screen.terminal
        let options = screen.fitting(options)
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
                configuration, faults: session?.registry, experiments: LaboratoryRunner(), clusters: clusters,
                inbox: inbox)
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
        let watch = clusters.map { ClusterWatch($0, inbox: inbox) }
        let change = clusters.map { ClusterSwitch($0, inbox: inbox) }
        if let watch { services.append { await watch.run() } }
        if let change { services.append { await change.run() } }
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
                case .watchClusters(let isOn): watch?.set(isOn)
                case .switchCluster(let name): change?.prepare(name)
                case .watch, .start, .cancel, .copy, .enterCluster, .quit: link.perform(action)
                }
            }, record: { recorder.take($0, $1) })
        let status = dashboard.run()
        let target = dashboard.next.flatMap { change?.target($0) }
        if target == nil {
            terminal.restore()
            // From here on Ctrl-C ends what takes long to stop.
            SignalMask.unblock()
        }
        var problems: [String] = []
        if let session {
            let undoing = BackgroundTask { await session.undoAll(within: Self.shutdownTime) }
            problems = undoing.value()
        }
        // Nothing waits for the disk before the faults are undone.
        if let setup = dashboard.state.setupAtEnd {
            do throws(ScreenFile.Problem) {
                try ScreenFile.saveAtEnd(setup)
            } catch {
                problems.append(error.description)
            }
        }
        root.cancel()
        _ = root.value(within: Self.shutdownTime)
        recorder.close()
        if let target {
            return .enters(
                target, view: dashboard.state.view, notice: problems.isEmpty ? nil : problems.joined(separator: "; "))
        }
        for problem in problems { Output.complain(problem) }
        return .quits(status)
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
        options = Self.fitting(wanted, terminal)
    }

    /// Returns the options that fit the terminal.
    func fitting(_ wanted: State.Options) -> State.Options { Self.fitting(wanted, terminal) }

    private static func fitting(_ wanted: State.Options, _ terminal: Terminal) -> State.Options {
        var options = wanted
        options.ascii = options.ascii || !terminal.isUTF8
        options.color = options.color && terminal.colorCount > 0
        return options
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
