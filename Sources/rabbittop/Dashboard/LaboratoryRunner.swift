import BrokerOperations
import Experiments
import Foundation
import Lab
import RabbitMQClient
import TopCore

/// Runs the lab's experiments for the Lab view, and posts them as rows with their progress.
actor LaboratoryRunner: ExperimentRunner {
    private var rows: [LabRow]
    /// Receives the rows whenever they change.
    private var post: @Sendable ([LabRow]) -> Void = { _ in }
    /// The results of the last run of each variant.
    private var results: [LabRowID: LabResult] = [:]

    /// How often a run's state is read.
    private static let pause = Duration.milliseconds(500)

    init() {
        rows = Laboratory.experiments.flatMap { LabRow.all(of: $0.description) }
        for index in rows.indices { rows[index].number = index + 1 }
    }

    func start(_ post: @escaping @Sendable ([LabRow]) -> Void) {
        self.post = post
        tell()
    }

    private func tell() { post(rows) }

    /// Runs a variant to its end. If the task is cancelled, the run ends with the ledger so far.
    func run(_ order: LabOrder, progress: @escaping @Sendable (String, Double?) -> Void) async -> OperationReport {
        guard let place = rows.firstIndex(where: { $0.id == order.id }) else {
            return .failed("there is no \(order.id.words) in the lab", advice: "The Lab view lists what there is.")
        }
        guard rows[place].run?.phase != .running else { return .failed("it is running already", advice: nil) }
        let registry = ClientRegistry()
        let recorder = RunRecorder()
        let run: LabRun
        do throws(LabError) {
            let experiment = try Laboratory.experiment(order.id.experiment)
            run = try LabRun(
                experiment, variant: order.id.variant,
                settings: try LabSettings(
                    experiment.description, texts: order.settings, timeScale: order.timeScale), recorder: recorder,
                registry: registry)
        } catch {
            return .failed(error.message, advice: error.advice.isEmpty ? nil : error.advice)
        }
        results[order.id] = nil
        rows[place].run = LabRunPart(startedAt: Date())
        tell()
        let work = Task { () async -> Result<LabResult, LabError> in
            do throws(LabError) { return .success(try await run.run()) } catch { return .failure(error) }
        }
        let watch = Task {
            while (try? await Task.sleep(for: Self.pause)) != nil {
                show(recorder, registry, at: place)
                if let line = rows[place].run?.lines.last { progress(line.text, nil) }
            }
        }
        let result = await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            work.cancel()
        }
        watch.cancel()
        await watch.value
        return end(result, recorder, at: place)
    }

    /// Returns a page about the variants of an experiment that were run here, each with its last run; `nil` before one
    /// has ended.
    func report(on name: String) -> String? {
        guard let experiment = try? Laboratory.experiment(name) else { return nil }
        let ended = rows.filter { $0.id.experiment == name }.compactMap { results[$0.id] }
        return ended.isEmpty ? nil : LabReport(experiment, ended).html(at: Date())
    }

    nonisolated func page(on report: FaultReport) -> String { LabReport(report).html(at: report.ended) }

    private func show(_ recorder: RunRecorder, _ registry: ClientRegistry, at place: Int) {
        guard var part = rows[place].run, part.phase == .running else { return }
        part.take(recorder.ledger)
        part.channels = registry.report().connections.flatMap { connection in
            connection.channels.map { channel in
                LabRunPart.Channel(
                    connection: connection.clientName ?? connection.name, number: Int(channel.number),
                    state: channel.state.rawValue, unacked: channel.unacked, unconfirmed: channel.unconfirmed)
            }
        }
        rows[place].run = part
        tell()
    }

    private func end(
        _ result: Result<LabResult, LabError>, _ recorder: RunRecorder, at place: Int
    ) -> OperationReport {
        defer { tell() }
        guard var part = rows[place].run else { return .cancelled("") }
        part.channels = []
        part.take(recorder.ledger, isOver: true)
        defer { rows[place].run = part }
        switch result {
        case .success(let result):
            part.expectations = result.expectations
            results[rows[place].id] = result
            let details = result.details.sorted { $0.key < $1.key }
            part.details = details.filter { LabTable($0.value) == nil }.map { DetailField($0.key, $0.value.text) }
            part.tables = details.compactMap { key, value in
                LabTable(value).map { DetailSection(title: key, fields: $0.fields) }
            }
            part.phase = .ended(result.verdict, why: result.why)
            return result.verdict == .pass ? .finished("pass: \(result.why)") : .failed(result.why, advice: nil)
        case .failure(let error):
            part.phase = .ended(.fail, why: error.message)
            if error.code == .cancelled { return .cancelled("stopped before there was a result") }
            return .failed(error.message, advice: error.advice.isEmpty ? nil : error.advice)
        }
    }
}

extension LabRow {
    fileprivate static func all(of experiment: ExperimentDescription) -> [LabRow] {
        experiment.variants.map { LabRow(number: 0, experiment, $0) }
    }
}

extension LabTable {
    /// One row per field: its first column is the name; the others follow if they are not empty.
    fileprivate var fields: [DetailField] {
        rows.map { row in
            let rest = zip(heads, row).dropFirst().filter { !$0.1.isEmpty }
            return DetailField(row.first ?? "", rest.map { "\($0.0) \($0.1)" }.joined(separator: " · "))
        }
    }
}

extension LabRunPart {
    /// The highest number of newest lines that are shown.
    private static let mostLines = 60

    fileprivate mutating func take(_ ledger: LabLedger, isOver: Bool = false) {
        seconds = ledger.seconds
        counts = ledger.counts
        counts.errors = ledger.errorCount
        if let last = ledger.samples.last {
            depths = last.depths
            // Measured over about a second, because the figures would fluctuate otherwise.
            let before = ledger.samples.last { $0.at <= last.at - 1 }
            if let before, last.at > before.at {
                publishRate = Double(last.published - before.published) / (last.at - before.at)
                consumeRate = Double(last.consumed - before.consumed) / (last.at - before.at)
            }
        }
        faults = ledger.timeline.compactMap { moment in
            if case .fault(until: nil) = moment.kind, !isOver { moment.text } else { nil }
        }
        lines = Array(ledger.timeline.suffix(Self.mostLines))
    }
}

extension LabReport {
    fileprivate init(_ report: FaultReport) {
        var published = 0.0
        var consumed = 0.0
        var before: Date?
        let samples = report.samples.map { sample in
            // The page's charts draw the increase of counts; here the rates are known.
            let seconds = before.map { sample.at.timeIntervalSince($0) } ?? 0
            before = sample.at
            published += seconds * (sample.publishRate ?? 0)
            consumed += seconds * (sample.deliverRate ?? 0)
            var depths: [String: Int] = [:]
            depths["ready"] = sample.ready
            depths["unacked"] = sample.unacked
            return LabSample(
                at: sample.at.timeIntervalSince(report.begun), depths: depths, published: ValueFormat.whole(published),
                consumed: ValueFormat.whole(consumed))
        }
        self.init(
            title: report.title,
            runs: [
                Run(
                    title: "What happened", entries: report.entries, faults: report.faults, samples: samples,
                    begun: report.begun,
                    ended: report.ended)
            ])
    }
}
