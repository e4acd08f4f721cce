import ArgumentParser
import BrokerMonitor
import Foundation
import Names
import RabbitMQManagement
import Recorder
import Screen
import TopCore

/// `rabbittop bundle`: what a support engineer asks for, in one file.
struct BundleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle", abstract: "Collect what support asks for into one file, without secrets.",
        discussion: """
            The file holds every view and the findings of the broker as they are now, its definitions without passwords \
            and with redacted URIs, versions, the end of the log that --broker-log names, and of a recording the slice, \
            the events and the report of the time. What could not be collected is named in its README.txt. No message is \
            read. Look through it before you send it: names of queues, users and hosts are in it.
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file.tar.gz")) var output: String
    @Option(help: ArgumentHelp("A recording to take a slice of.", valueName: "file")) var recording: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The beginning of the slice: \(TypedTime.examples); an hour before its end by default.", valueName: "time"))
    var from: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The end of the slice; the recording's by default.", valueName: "time")) var to: String?
    @OptionGroup(title: "Broker") var broker: BrokerOptions

    /// How long the broker is looked at for findings, in seconds.
    private static let checkSeconds = 12.0
    /// The most bytes of the broker's log that are taken, from its end.
    private static let logBytes = 4 << 20
    private static let views: [ViewID] = [
        .overview, .queues, .connections, .channels, .consumers, .exchanges, .nodes,
    ]

    func validate() throws {
        if recording == nil, from != nil || to != nil {
            throw ValidationError("--from and --to are times of a recording: give it with --recording.")
        }
    }

    func run() async throws {
        let path = (output as NSString).expandingTildeInPath
        guard !FileManager.default.fileExists(atPath: path) else {
            throw CommandError("\(output) exists already.\nRemove it first, or choose another name.")
        }
        let settings = try SettingsGathering(broker: broker).settings()
        let opened = try recording.map { file throws(CommandError) in try OpenRecording(file) }
        let range = try opened.map { opened throws(CommandError) in
            try opened.range(from: from ?? "-1h", to: to)
        }
        let password = await SettingsGathering.password(for: settings)
        var bundle = try SupportBundle()
        defer { bundle.remove() }
        if let opened, let range { bundle.add(opened, from: range.from, to: range.to) }
        try await collect(settings, password: password, into: &bundle)
        if let log = settings.brokerLog { bundle.add(log: log, bytes: Self.logBytes) }
        try bundle.write(to: path, begun: Date())
        Output.note("Wrote \(output). Look through it before you send it.")
    }

    /// Collects what the broker reports now; a broker that is away does not prevent the rest.
    private func collect(_ settings: Settings, password: String, into bundle: inout SupportBundle) async throws {
        let configuration = ManagementConfiguration(settings, password: password)
        let poll = try OneShotPoll(configuration)
        var isReachable = true
        for view in Self.views where isReachable {
            do throws(ManagementError) {
                var state = State(size: Size(width: 200, height: 60), options: .init(settings), now: Date())
                for snapshot in try await poll.snapshots(of: view, vhost: Name(settings.vhost)) {
                    _ = update(&state, .snapshot(snapshot), at: Date())
                }
                let text = try? Export.text(of: view, in: state, format: .json)
                bundle.add(text ?? "", named: "now/\(view.rawValue).json")
            } catch {
                bundle.lacks("the view \(view.title)", why: error.whatHappened)
                if case .unreachable = error.code { isReachable = false }
            }
        }
        if isReachable {
            do throws(ManagementError) {
                bundle.add(try await poll.definitionsWithoutSecrets().jsonText + "\n", named: "definitions.json")
            } catch {
                bundle.lacks("the definitions", why: error.whatHappened)
            }
        }
        await poll.shutdown()
        guard isReachable else { return }
        let report = try await CheckCommand.look(settings, password: password, seconds: Self.checkSeconds)
        bundle.add(report.json, named: "findings.json")
    }
}
