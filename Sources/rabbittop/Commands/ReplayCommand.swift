import ArgumentParser
import BrokerMonitor
import Foundation
import Recorder
import Terminal
import TopCore

/// `rabbittop replay FILE`: the dashboard over a recording.
struct ReplayCommand: TerminalCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "The dashboard over a recording: play, pause, go to any time.",
        discussion: """
            Space plays and pauses, { and } go back and forth, ( and ) to the previous and next event or finding, T to a \
            time. Nothing can be acted on. A recording that is still being written can be replayed, too.
            """)

    @Argument(help: "The recording.") var file: String
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The time to begin at: \(TypedTime.examples). A duration counts from the recording's end; by default it begins at the beginning.",
            valueName: "time"))
    var at: String?
    @Option(help: ArgumentHelp("Play at once, so many times as fast: 0.25 to 3600.", valueName: "times")) var speed:
        Double?
    @OptionGroup(title: "Screen") var screen: ScreenOptions
    @Option(help: "The view to begin with.") var view: ViewID = .overview

    func validate() throws {
        if let speed, !(0.25...3_600).contains(speed) { throw ValidationError("--speed takes 0.25 to 3600.") }
        if view == .lab { throw ValidationError("A recording has no lab.") }
    }

    func runOnMainThread() throws -> Int32 {
        var loader = SettingsLoader()
        let values = SettingsLayer.environment(loader.environment).values
            .filter { name, _ in screen.isScreenSetting(name) }.merging(screen.values) { _, given in given }
        // The settings of a broker do not concern a recording.
        let keys = try loader.keys()
        loader.environment = [:]
        let settings = try loader.load(commandLine: values, config: nil, node: nil)
        let recording = try OpenRecording(file)
        let start = try at.map { text throws(CommandError) in try recording.time(text, option: "--at") }
        try DashboardSession.checkTerminal()
        var options = State.Options(settings, initialView: view)
        options.keys = keys
        options.target = recording.reader.info.host ?? recording.reader.info.cluster ?? ""
        options.readOnly = true
        options.replay = State.Replay(
            file: (file as NSString).lastPathComponent, at: start, speed: speed ?? 1, isPlaying: speed != nil)
        let display = try DashboardScreen(options)
        let wakeup = display.wakeup
        let inbox = Inbox(onArrival: { wakeup.signal() })
        let lookup = HistoryLookup(recording.reader, inbox: inbox)
        inbox.post(RecordingStatus(span: recording.span))
        var dashboard = Dashboard(
            terminal: display.terminal, inbox: inbox, options: display.options,
            perform: { action in
                switch action {
                case .seek(let target): lookup.seek(target)
                case .curves(let requests): lookup.curves(requests)
                // There is no broker to watch or to act on.
                case .watch, .start, .cancel, .record, .copy, .watchClusters, .switchCluster, .enterCluster, .quit:
                    break
                }
            })
        let status = dashboard.run()
        display.terminal.restore()
        return status
    }
}
