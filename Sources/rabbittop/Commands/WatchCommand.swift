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
    @Option(help: "The view to begin with.") var view: ViewID = .overview

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
        var options = State.Options(settings, initialView: view)
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
        hasRabbitmqctl = settings.rabbitmqctl != nil
        self.initialView = initialView
        vhost = Name(settings.vhost)
    }
}
