import ArgumentParser
import Faults
import Foundation
import Lab
import RabbitMQClient

/// `rabbittop lab run NAME`.
struct LabRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run an experiment and say what came of it.",
        discussion: """
            Each variant runs on a private throwaway broker of its own, one after the other, unless --variant names one. A \
            wrong variant is expected to fail in its known way. Ctrl-C ends the run in order, with the ledger so far.
            Exit codes: 0 what was expected happened, 1 it did not, 2 usage, 69 no rabbitmq-server or no broker there, \
            77 not permitted.
            """)

    @Argument(help: "The experiment: 'rabbittop lab list' shows all.") var name: String
    @Option(help: "Only this variant.") var variant: String?
    @Option(name: .long, help: ArgumentHelp("A setting; give it again for more.", valueName: "name=value"))
    var set: [String] = []
    @Option(
        name: .long, help: ArgumentHelp("Settings in TOML, as config/lab has them; --set wins.", valueName: "file"))
    var config: String?
    @Option(
        name: .long,
        help: ArgumentHelp("How many times faster than it says: waits and times to live are divided by it."))
    var timeScale = 1.0
    @Option(name: .long, help: ArgumentHelp("Write a page to look at, in HTML.", valueName: "file.html"))
    var report: String?
    @Option(help: "How to print the results: table, or json with one line for each variant.")
    var format = LabCommand.Format.table
    @Option(
        name: .long,
        help: ArgumentHelp("Run on this broker. Experiments that stop theirs refuse that.", valueName: "uri"))
    var amqpUri: String?
    @Option(name: .long, help: ArgumentHelp("Seconds after which a variant ends with what it knows.", valueName: "s"))
    var deadline: Double?
    @Flag(help: "Misuse a broker of another machine, too.") var allowFaults = false

    func run() async throws {
        let experiment: any Experiment.Type
        let settings: LabSettings
        let runs: [LabRun]
        do throws(LabError) {
            experiment = try Laboratory.experiment(name)
            settings = try LabSettings(
                experiment.description, texts: try texts(), over: try LabFile.settings(config), timeScale: timeScale)
            let broker = try address()
            let variants = variant.map { [$0] } ?? experiment.description.variants.map(\.name)
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
            let why = failed.map { "\($0.lab) \($0.variant): \($0.why)" }.joined(separator: "\n")
            throw CommandError(why)
        }
    }

    /// One after the other; the first that is interrupted, or cannot be run, is the last.
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
                Output.write(format == .json ? ((try? result.json()) ?? "{}") + "\n" : LabText.page(result))
                if work.isCancelled { return (results, nil) }
            case .failure(let error): return (results, error)
            }
        }
        return (results, nil)
    }

    private func texts() throws(LabError) -> [String: String] {
        var texts: [String: String] = [:]
        for text in set {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw LabError(.usage, "--set takes name=value, not '\(text)'.", advice: "Write it without spaces.")
            }
            texts[String(parts[0])] = String(parts[1])
        }
        if let deadline { texts[ExperimentDescription.deadlineName] = String(deadline) }
        return texts
    }

    private func address() throws(LabError) -> LabRun.Broker {
        guard let amqpUri else { return .ownNode }
        let isReadOnly: Bool
        do {
            isReadOnly = try SettingsGathering(broker: BrokerOptions.parse([])).settings().isReadOnly
        } catch {
            throw LabError(.usage, "\(error)")
        }
        guard !isReadOnly else {
            throw LabError(
                .notPermitted, "Refused: rabbittop is read-only, and the lab moves messages.",
                advice: "Take read_only out of the settings, or leave --amqp-uri out.")
        }
        let configuration: ConnectionConfiguration
        do throws(ClientError) {
            configuration = try ConnectionConfiguration(uri: amqpUri)
        } catch {
            throw LabError(.usage, "--amqp-uri: \(error.message)", advice: error.advice)
        }
        guard allowFaults || LoopbackName.matches(configuration.host) else {
            throw LabError(
                .notPermitted, "The lab misuses brokers of this machine only.",
                advice: "Say --allow-faults if \(configuration.host) is meant.")
        }
        return .other(configuration)
    }

    /// Before an hour is spent on what cannot be written.
    private func checkReport() throws {
        guard let report else { return }
        let url = URL(fileURLWithPath: report)
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        guard !isFolder.boolValue, !isThere || FileManager.default.isWritableFile(atPath: url.path),
            // It is written beside and moved there when it is whole.
            FileManager.default.isWritableFile(atPath: url.deletingLastPathComponent().path)
        else { throw CommandError("The report \(report) cannot be written.\nSee the path and its permissions.") }
    }

    private func write(_ page: LabReport, to file: String) throws {
        do {
            try Data(page.html(at: Date()).utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw CommandError("The report \(file) cannot be written: \(error.localizedDescription)")
        }
    }
}
