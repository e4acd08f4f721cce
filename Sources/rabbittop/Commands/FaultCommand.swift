import ArgumentParser
import BrokerMonitor
import BrokerOperations
import Faults
import Foundation
import Names
import RabbitMQManagement
import Terminal

/// `rabbittop fault`: lists the catalogue, and injects or undoes one fault without a dashboard.
struct FaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault", abstract: "The faults there are, and one of them from the command line.",
        subcommands: [FaultListCommand.self, FaultInjectCommand.self, FaultUndoCommand.self])
}

/// `rabbittop fault list [NAME]`.
struct FaultListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The faults there are; with a name, the details of one.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }

    @Argument(help: "A fault's name.") var name: String?
    @Option(name: .customLong("room"), help: "Only those injected here: own, broker, proxy or node.")
    var injectionPoint: FaultDescription.InjectionPoint?
    @Option(help: "How to print it: table or json.") var format = Format.table

    func run() throws {
        if let name {
            guard let fault = FaultCatalogue[name] else {
                throw CommandError(
                    "There is no fault '\(name)'. 'rabbittop fault list' shows all of them.", exitCode: ExitStatus.usage
                )
            }
            if format == .json {
                Output.write(try FaultText.json(fault), as: .json)
            } else {
                Output.write(FaultText.page(fault))
            }
            return
        }
        let faults = FaultCatalogue.all.filter { injectionPoint == nil || $0.injectionPoint == injectionPoint }
        if format == .json {
            Output.write(try FaultText.json(faults), as: .json)
        } else {
            Output.write(FaultText.table(faults))
        }
    }
}

/// `rabbittop fault inject NAME`.
struct FaultInjectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inject", abstract: "Inject one fault.",
        discussion: """
            Faults of the proxy are injected into one that runs: --control names its control API, and the proxy undoes \
            them when their time is up. All others are done from here: the command stays until they are undone, which \
            Ctrl-C does at once.
            On a broker of another machine it needs --allow-faults; what cannot be undone needs --yes.
            Exit codes: 0 done, 1 failed or not undone, 2 usage, 69 not reachable, 77 not permitted.
            """)

    @Argument(help: "Its name: 'rabbittop fault list' shows all.") var name: String
    @Option(name: .long, help: ArgumentHelp("A parameter; give it again for more.", valueName: "name=value"))
    var set: [String] = []
    @Option(
        name: .long,
        help: ArgumentHelp(
            "What it hits, and how often: connection, user, vhost, queue, channel, percentage …",
            valueName: "part=value"))
    var on: [String] = []
    @Option(help: ArgumentHelp("Seconds until it is undone by itself.", valueName: "s")) var duration: Double?
    @Option(help: "The seed of random decisions: the same seed gives the same run.") var seed: UInt64 = 1
    @Flag(help: "Also do what cannot be undone.") var yes = false
    @OptionGroup(title: "Proxy") var control: ControlOptions
    @OptionGroup(title: "Broker") var broker: BrokerOptions

    func run() async throws {
        let order: FaultOrder
        do throws(FaultError) {
            order = try FaultCatalogue.order(try fault())
        } catch {
            throw CommandError("\(error)", exitCode: ExitStatus.usage)
        }
        if order.description.isDestructive, !yes {
            throw CommandError(
                "'\(name)' can lose messages or connections for good: \(order.description.blast)\n"
                    + "Give --yes to do it.",
                exitCode: ExitStatus.usage)
        }
        if let client = try control.client() {
            let permissions = try SettingsGathering(broker: broker).permissions()
            if permissions.isReadOnly { throw CommandError.readOnly("no faults are injected") }
            if !permissions.allowsFaults, case .elsewhere(let what) = await client.place {
                throw CommandError(
                    "Faults are permitted on this machine only: \(what).\nGive --allow-faults to permit it.",
                    exitCode: ExitStatus.notPermitted)
            }
            let body = try JSONEncoder().encode(order.fault)
            Output.write(try await client.send(.POST, "/faults", body), as: .json)
            return
        }
        let settings = try SettingsGathering(broker: broker).settings()
        if settings.isReadOnly { throw CommandError.readOnly("no faults are injected") }
        guard order.description.injectionPoint != .proxy else {
            throw CommandError(
                """
                '\(name)' is a fault of the proxy: --control names the control API of one that runs.
                Start one with 'rabbittop proxy --control 127.0.0.1:8673'.
                """, exitCode: ExitStatus.usage)
        }
        guard order.description.injectionPoint != .node else {
            throw CommandError(
                """
                '\(name)' needs a private broker of this process: press f on a node in \
                '\(order.description.needsCluster ? "rabbittop demo --nodes 3" : "rabbittop demo")'.
                A broker of 'rabbittop broker start' has commands of its own: 'rabbittop broker kill', freeze, thaw.
                """, exitCode: ExitStatus.usage)
        }
        try await injectFromHere(order, settings)
    }

    func fault() throws(FaultError) -> Fault {
        var fault = Fault(name, for: duration, seed: seed)
        for text in set {
            let parts = try Self.parts(text, "--set", "name=value")
            fault.parameters[parts.0] = .text(parts.1)
        }
        for text in on {
            let parts = try Self.parts(text, "--on", "part=value")
            guard let field = FaultSelector.Field(rawValue: parts.0.replacing("-", with: "_")) else {
                throw FaultError(
                    "A selector has no part '\(parts.0)'.",
                    advice: "It has: \(FaultSelector.Field.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            try fault.selector.set(field, parts.1)
        }
        return fault
    }

    private static func parts(_ text: String, _ option: String, _ form: String) throws(FaultError) -> (String, String) {
        let parts = text.parts(separatedBy: "=", maxSplits: 1)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw FaultError("\(option) takes \(form).", advice: "Write it without spaces, or in quotes.")
        }
        return (String(parts[0]), String(parts[1]))
    }

    private func injectFromHere(_ order: FaultOrder, _ settings: Settings) async throws {
        let password = await SettingsGathering.password(for: settings)
        let link = BrokerConfiguration(settings, password: password)
        let session = try await FaultSession(link, locator: settings.allowsFaults ? nil : BrokerLocator(link))
        let changes = session.registry.changes
        // If Ctrl-C is pressed during the injection, the fault is undone as soon as it is injected.
        Interruption.begin()
        let interruption = Task { await Interruption.wait() }
        defer { interruption.cancel() }
        var untold: FaultRecord?
        do throws(FaultError) {
            let record = try await session.registry.inject(order.fault)
            let isTold = Output.line("\(record.label): \(record.note ?? record.state.rawValue)")
            if record.isInForce {
                // A fault that could not be reported to the user is undone.
                if isTold { await stay(record, session, changes, interruption) } else { untold = record }
            }
        } catch {
            _ = await session.close(within: 5)
            throw CommandError(error)
        }
        let left = await session.close(within: 10)
        if !left.isEmpty { throw CommandError(left.joined(separator: "\n")) }
        if let untold {
            throw CommandError("\(untold.label) was undone at once, because its report could not be printed.")
        }
    }

    private func stay(
        _ record: FaultRecord, _ session: FaultSession, _ changes: AsyncStream<FaultRecord>,
        _ interruption: Task<Void, Never>
    ) async {
        let until = record.until.map { "in \(FaultValue.number(($0 - record.since).rounded())) s, or " } ?? ""
        Output.note("It is undone \(until)at Ctrl-C.")
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                for await change in changes where change.id == record.id {
                    if change.state == .undoFailed { Output.complain(change.note ?? "it could not be undone") }
                    guard change.isInForce else {
                        Output.line("\(change.label): \(change.note ?? change.state.rawValue)")
                        return
                    }
                }
            }
            tasks.addTask {
                await withTaskCancellationHandler {
                    await interruption.value
                } onCancel: {
                    interruption.cancel()
                }
                guard !Task.isCancelled else { return }
                // The other task reports the outcome until the fault is undone.
                _ = try? await session.registry.undo(record.id)
                try? await Task.sleep(for: .seconds(10))
            }
            await tasks.next()
            tasks.cancelAll()
        }
    }
}

/// `rabbittop fault undo [ID]`.
struct FaultUndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Undo faults of a proxy, or what a rabbittop that is gone left on a broker.",
        discussion: """
            With --control a proxy's: the one with that number, or all. Without it what an earlier rabbittop, killed \
            before it could undo them, left in force on the broker: policies, limits, permissions.
            """)

    @Argument(help: "The number of a proxy's fault; all by default.") var id: UInt64?
    @OptionGroup(title: "Proxy") var control: ControlOptions
    @OptionGroup(title: "Broker") var broker: BrokerOptions

    func run() async throws {
        guard id == nil || control.control != nil else {
            throw CommandError(
                "A number is a proxy's: name its control API with --control.", exitCode: ExitStatus.usage)
        }
        if let client = try control.client() {
            let permissions = try SettingsGathering(broker: broker).permissions()
            if permissions.isReadOnly { throw CommandError.readOnly("nothing is undone") }
            let path = id.map { "/faults/\($0)" } ?? "/faults"
            Output.write(try await client.send(.DELETE, path), as: .json)
            return
        }
        let settings = try SettingsGathering(broker: broker).settings()
        if settings.isReadOnly { throw CommandError.readOnly("nothing is undone") }
        let password = await SettingsGathering.password(for: settings)
        let session = try await FaultSession(.init(settings, password: password), locator: nil)
        var problems: [FaultError] = []
        do throws(FaultError) {
            let left = try await session.leftBehind()
            if left.isEmpty { Output.note("Nothing was left in force on this broker.") }
            for fault in left {
                do throws(FaultError) {
                    Output.line(try await session.undo(fault))
                } catch {
                    problems.append(
                        FaultError("\(fault.words): \(error.problem)", advice: error.advice, kind: error.kind))
                }
            }
        } catch {
            problems.append(error)
        }
        _ = await session.close(within: 2)
        if let first = problems.first {
            throw CommandError(
                problems.map(\.description).joined(separator: "\n"), exitCode: CommandError(first).exitCode)
        }
    }
}

extension CommandError {
    /// - Parameter what: what is not done, such as `nothing is undone`.
    static func readOnly(_ what: String) -> CommandError {
        CommandError("Read-only: \(what). Leave --read-only out.", exitCode: ExitStatus.notPermitted)
    }

    init(_ error: FaultError) {
        let status =
            switch error.kind {
            case .failed, .tooMany: ExitStatus.failed
            case .unreachable: ExitStatus.unreachable
            case .notPermitted: ExitStatus.notPermitted
            }
        self.init(error.description, exitCode: status)
    }
}

/// The options that select the proxy.
struct ControlOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The control API of a proxy that runs, http://127.0.0.1:8673.", valueName: "url"))
    var control: String?
    @Option(
        help: ArgumentHelp(
            "A file with the token it asks for; RABBITTOP_CONTROL_TOKEN for the token itself.", valueName: "file"))
    var controlTokenFile: String?

    func client() throws -> ControlClient? {
        guard let control else { return nil }
        return ControlClient(
            address: try Self.address(control), token: try ControlToken.given(file: controlTokenFile))
    }

    /// Returns the URL of a control API, given with or without a scheme.
    ///
    /// - Throws: `SettingsError`, which quotes nothing of the text, because it may contain a password.
    static func address(_ text: String) throws(SettingsError) -> String {
        let address: HTTPAddress
        do throws(HTTPAddress.Flaw) {
            address = try HTTPAddress(text.contains("://") ? text : "http://\(text)")
        } catch {
            throw SettingsError(
                "--control: the URL \(error.what). \(error.advice ?? "Write it as http://127.0.0.1:8673.")")
        }
        guard address.username == nil else {
            throw SettingsError(
                "--control: the URL holds a user or a password, and the API knows a token only. Give that with --control-token-file."
            )
        }
        return address.description
    }
}

extension FaultDescription.InjectionPoint: ExpressibleByArgument {}
