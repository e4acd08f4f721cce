import ArgumentParser
import BrokerMonitor
import BrokerOperations
import Faults
import Foundation
import Names
import Terminal
import TopCore

/// `rabbittop [watch]`: the live dashboard.
struct WatchCommand: TerminalCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "The live dashboard: what rabbittop does without a subcommand.")

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @OptionGroup(title: "Screen") var screen: ScreenOptions
    @OptionGroup(title: "History") var history: HistoryOptions
    @Option(help: "The view to begin with (default: overview).") var view: ViewID?

    func runOnMainThread() throws -> Int32 {
        let gathering = SettingsGathering(broker: broker, screen: screen, history: history)
        let settings = try gathering.settings()
        try DashboardSession.checkTerminal()
        let password = MainThread.wait { await SettingsGathering.password(for: settings) }
        let link = BrokerConfiguration(settings, password: password)
        let locator = settings.allowsFaults ? nil : BrokerLocator(link)
        let session = try MainThread.wait {
            await FaultSession.result(link, proxyPort: settings.proxyPort, locator: locator)
        }.get()
        let place = session.locating()
        // Undoing is not a fault, so it is offered even if faults are not permitted.
        session.offerToUndoWhatWasLeft(isReadOnly: settings.isReadOnly)
        var options = State.Options(settings, initialView: view ?? .overview)
        let environment = ProcessInfo.processInfo.environment
        options.useScreens(environment)
        options.given = given(environment)
        options.rules = settings.rules
        options.connectionArguments = broker.connectionArguments
        options.faults = FaultPermission(
            injectionPoints: session.registry.injectionPoints, isLoopback: place() == .thisMachine,
            isAllowed: settings.allowsFaults,
            isReadOnly: settings.isReadOnly)
        let clusters = ClusterDirectory(settings: settings, password: password, gathering: gathering)
        options.clusters = clusters.names
        options.cluster = clusters.names.isEmpty ? nil : clusters.first
        return try DashboardSession(
            options: options, link: link, limits: settings.history, session: session, clusters: clusters
        ).run()
    }
}

extension WatchCommand {
    /// What an option or the environment says, and wins over what was saved.
    private func given(_ environment: [String: String]) -> Set<ScreenSetup.Part> {
        let values = SettingsLayer.environment(environment).values
        var given: Set<ScreenSetup.Part> = []
        if view != nil { given.insert(.view) }
        if screen.theme != nil || values[Setting.theme.name] != nil { given.insert(.theme) }
        if broker.vhost != nil || values[Setting.vhost.name] != nil { given.insert(.vhost) }
        return given
    }
}

extension State.Options {
    /// Takes what was saved of the screen from its file. A broken file is said, and does not stop the start.
    fileprivate mutating func useScreens(_ environment: [String: String]) {
        guard let file = ScreenFile.standard(environment: environment) else { return }
        screenFile = file.path
        do throws(ScreenFile.Problem) {
            screens = try file.read()
        } catch {
            Output.complain(error.description)
        }
    }
}

extension ViewID: ExpressibleByArgument {}

extension State.Options {
    init(_ settings: Settings, initialView: ViewID = .overview) {
        self.init()
        target = settings.target
        interval = settings.interval
        readOnly = settings.isReadOnly
        ascii = settings.isASCII
        color = settings.hasColor
        theme = settings.theme
        mouse = settings.hasMouse
        savesScreen = settings.savesScreen
        keys = settings.keys
        hasRabbitmqctl = settings.rabbitmqctl != nil
        self.initialView = initialView
        vhost = Name(settings.vhost)
    }
}
