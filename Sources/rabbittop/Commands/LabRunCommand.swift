import ArgumentParser
import BrokerMonitor
import BrokerOperations
import Experiments
import Faults
import Foundation
import Glibc
import Lab
import Names
import RabbitMQClient
import Screen
import TOMLKit
import Terminal

/// `rabbittop lab run NAME`.
struct LabRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run an experiment and print its results.",
        discussion: """
            Each variant runs on a private throwaway broker of its own, one after the other, unless --variant names one. A \
            wrong variant is expected to fail in its known way. With --amqp-uri it runs on that broker, but experiments that \
            stop theirs refuse that. Ctrl-C ends the run in order, with the ledger so far.
            Exit codes: 0 what was expected happened, 1 it did not, 2 usage, 69 no rabbitmq-server or no broker there, \
            77 not permitted.
            """)

    @Argument(help: "The experiment: 'rabbittop lab list' shows all.") var name: String
    @Option(help: "Only this variant.") var variant: String?
    @Option(name: .long, help: ArgumentHelp("A setting; give it again for more.", valueName: "name=value"))
    var set: [String] = []
    @Option(
        name: .customLong("settings"),
        help: ArgumentHelp("Settings in TOML, as config/lab has them; --set wins.", valueName: "file"))
    var settingsFile: String?
    @Option(
        name: .long,
        help: ArgumentHelp("How many times faster: waits and times to live are divided by it."))
    var timeScale = 1.0
    @Option(name: .long, help: ArgumentHelp("Write a report in HTML.", valueName: "file.html"))
    var report: String?
    @Option(help: "How to print the results: table, or json with one line for each variant.")
    var format = LabCommand.Format.table
    @Option(
        name: .long, help: ArgumentHelp("Seconds after which a variant ends with the results so far.", valueName: "s"))
    var deadline: Double?
    @OptionGroup(title: "Broker") var broker: BrokerOptions

    func run() async throws {
        let experiment: any Experiment.Type
        let settings: LabSettings
        let runs: [LabRun]
        let variants: [String]
        do throws(LabError) {
            experiment = try Laboratory.experiment(name)
            settings = try LabSettings(
                experiment.description, texts: try texts(), over: try LabFile.settings(settingsFile),
                timeScale: timeScale)
            variants = variant.map { [$0] } ?? experiment.description.variants.map(\.name)
            for variant in variants {
                try LabRun.check(experiment.description, variant: variant, isPrivate: self.broker.amqpUri == nil)
            }
        } catch {
            throw CommandError(error)
        }
        let broker = try await address()
        do throws(LabError) {
            runs = try variants.map { variant throws(LabError) in
                try LabRun(experiment, variant: variant, settings: settings, broker: broker)
            }
        } catch {
            throw CommandError(error)
        }
        try checkReport()
        let (results, problem) = await run(runs)
        if format == .table, results.count > 1 { Output.write(LabText.comparison(results)) }
        if let report, !results.isEmpty { try write(LabReport(experiment, results), to: report) }
        if let problem { throw CommandError(problem) }
        let failed = results.filter { $0.verdict == .fail }
        guard failed.isEmpty, results.count == runs.count else {
            var why = failed.map { "\($0.lab) \($0.variant): \($0.why)" }
            if results.count < runs.count {
                why.append("Not every variant was run: \(Output.problem ?? "it was interrupted.")")
            }
            throw CommandError(why.joined(separator: "\n"))
        }
    }

    /// Runs them one after the other; stops at the first that is interrupted or cannot be run.
    private func run(_ runs: [LabRun]) async -> (results: [LabResult], problem: LabError?) {
        let interruption = Task { await Interruption.wait() }
        defer { interruption.cancel() }
        var results: [LabResult] = []
        for run in runs {
            let progress = LabProgressLine(run)
            let work = Task { () async -> Result<LabResult, LabError> in
                do throws(LabError) { return .success(try await run.run()) } catch { return .failure(error) }
            }
            let watch = Task {
                await interruption.value
                if !Task.isCancelled { work.cancel() }
            }
            await progress.follow()
            let result = await work.value
            watch.cancel()
            progress.wipe()
            switch result {
            case .success(let result):
                results.append(result)
                if format == .json {
                    Output.write(((try? result.json()) ?? "{}") + "\n", as: .json)
                } else {
                    Output.write(LabText.page(result))
                }
                // The output of the others would not be read, unless a report is written.
                if work.isCancelled || Output.hasFailed && report == nil { return (results, nil) }
            case .failure(let error): return (results, error)
            }
        }
        return (results, nil)
    }

    private func texts() throws(LabError) -> [String: String] {
        var texts: [String: String] = [:]
        for text in set {
            let parts = text.parts(separatedBy: "=", maxSplits: 1)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw LabError(.usage, "--set takes name=value.", advice: "Write it without spaces.")
            }
            texts[String(parts[0])] = String(parts[1])
        }
        if let deadline { texts[ExperimentDescription.deadlineName] = String(deadline) }
        return texts
    }

    /// Returns the broker: a private one, unless --amqp-uri is given; the other connection options apply to that.
    private func address() async throws -> LabRun.Broker {
        guard broker.amqpUri != nil else {
            guard broker.host == nil, broker.baseUri == nil else {
                throw CommandError(
                    "The lab speaks AMQP only.\nName the broker with --amqp-uri, or leave it out for a private one.",
                    exitCode: ExitStatus.usage)
            }
            return .ownNode
        }
        let settings = try SettingsGathering(broker: broker, isAMQPEnough: true).settings()
        guard !settings.isReadOnly else {
            throw CommandError(
                "refused: rabbittop is read-only, and the lab moves messages\nStart it without --read-only.",
                exitCode: ExitStatus.notPermitted)
        }
        let password = await SettingsGathering.password(for: settings)
        let link = BrokerConfiguration(settings, password: password)
        if !settings.allowsFaults {
            // The experiments use AMQP only; there may be no management API.
            try await BrokerLocator(link, asksManagement: false).checkForFaults(in: .own)
        }
        guard var address = try await link.amqpAddress() else { return .ownNode }
        address.virtualHost = settings.vhost ?? "/"
        return .other(address)
    }

    /// Checks that the report can be written, before an hour is spent on it.
    private func checkReport() throws {
        guard let report else { return }
        let url = URL(fileURLWithPath: report).resolvingSymlinksInPath()
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        let isFile = !isThere || (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true
        guard !isFolder.boolValue, !isThere || FileManager.default.isWritableFile(atPath: url.path),
            // It is written to a temporary file beside it and moved when it is complete.
            !isFile || FileManager.default.isWritableFile(atPath: url.deletingLastPathComponent().path)
        else { throw CommandError("The report \(report) cannot be written.\nCheck the path and its permissions.") }
    }

    private func write(_ page: LabReport, to file: String) throws {
        do {
            try WholeFile.write(page.html(at: Date()).utf8, to: file, isReplacing: true)
        } catch {
            throw CommandError("The report \(file) cannot be written: \(error).\nCheck the free space on its disk.")
        }
    }
}

/// A file with an experiment's settings, such as those in `config/lab`.
enum LabFile {
    /// Reads the settings.
    ///
    /// - Throws: `usage`, with the position of what is wrong.
    static func settings(_ file: String?) throws(LabError) -> [String: LabValue] {
        guard let file else { return [:] }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw LabError(
                .usage, "The settings \(file) cannot be read.", advice: "Check the path and its permissions.")
        }
        let table: TOMLTable
        do throws(SettingsError) {
            table = try TOMLText.table(try TOMLText.text(Array(data), origin: file), origin: file)
        } catch {
            throw LabError(.usage, error.description)
        }
        var values: [String: LabValue] = [:]
        for key in table.keys {
            guard let value = table[key].flatMap(scalar) else {
                throw LabError(.usage, "\(file): '\(key)' must be a single value, not a list or a table.")
            }
            values[key] = value
        }
        return values
    }

    private static func scalar(_ value: any TOMLValueConvertible) -> LabValue? {
        if let text = value.string { return .text(text) }
        if let flag = value.bool { return .flag(flag) }
        if let integer = value.int { return .integer(integer) }
        if let number = value.double { return .number(number) }
        return nil
    }
}

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
