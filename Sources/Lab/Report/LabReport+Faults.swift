import Experiments
import Faults
import Foundation
import Names

extension LabReport.Run {
    /// Creates a report on any run with faults: the entries of a ledger, the faults, and the observed depths.
    ///
    /// - Parameters:
    ///   - entries: the entries, oldest first.
    ///   - begun: the beginning of the report; the times of `samples` count from here.
    public init(
        title: String, entries: [LedgerEntry], faults: [FaultRecord], samples: [LabSample], begun: Date, ended: Date
    ) {
        let length = max(0, ended.timeIntervalSince(begun))
        let failed = faults.filter { $0.state == .failed }
        let injected = faults.filter { $0.state != .failed }
        var moments = injected.map { record in
            LabMoment(
                at: record.since - begun.timeIntervalSince1970, kind: .fault(until: record.end(by: ended, from: begun)),
                text: [record.labelWithValues, record.note].compactMap { $0 }.joined(separator: ": "))
        }
        moments += failed.map { record in
            LabMoment(
                at: record.since - begun.timeIntervalSince1970, kind: .note,
                text: "\(record.labelWithValues) was not injected\(record.note.map { ": \($0)" } ?? "")")
        }
        var errors: [LabErrorEntry] = []
        var recoveries: [LabRecovery] = []
        for entry in entries {
            let at = entry.at.timeIntervalSince(begun)
            let cause = entry.fault.map { " (after \($0))" } ?? ""
            let who = entry.application ?? entry.clientName ?? entry.connection ?? ""
            switch entry.kind {
            case .error, .returned, .cancelled, .authentication, .action:
                guard entry.isFailure else {
                    moments.append(LabMoment(at: at, kind: .note, application: who, text: entry.text))
                    continue
                }
                let scope: LabErrorEntry.Scope =
                    entry.kind == .action ? .client : entry.scope == .channel ? .channel : .connection
                moments.append(
                    LabMoment(
                        at: at, kind: .error(scope: scope, code: entry.code, count: entry.count), application: who,
                        text: entry.text + cause))
                let known = errors.firstIndex {
                    $0.scope == scope && $0.code == entry.code && $0.text.hasSameBytes(as: entry.text)
                }
                if let known {
                    errors[known].count += entry.count
                } else {
                    errors.append(
                        LabErrorEntry(
                            scope: scope, code: entry.code, text: entry.text, count: entry.count, application: who))
                }
            case .recovered:
                let seconds = entry.seconds ?? 0
                moments.append(
                    LabMoment(at: at, kind: .recovery(seconds: seconds), application: who, text: entry.text))
                recoveries.append(LabRecovery(application: who, fault: entry.fault ?? "", seconds: seconds))
            // Faults are described by their records.
            case .fault: break
            case .closed, .opened, .blocked, .unblocked, .alarm, .source, .finding:
                moments.append(LabMoment(at: at, kind: .note, application: who, text: entry.text))
            }
        }
        self.init(
            title: title, explanation: Self.explanation(injected, entries),
            figures: [
                LabReport.Figure("faults", String(injected.count)),
                LabReport.Figure("failed injections", String(failed.count)),
                LabReport.Figure("errors", String(errors.reduce(0) { $0 + $1.count })),
                LabReport.Figure("recoveries", String(recoveries.count)),
            ],
            errors: errors, recoveries: recoveries, timeline: moments.sorted { $0.at < $1.at }, samples: samples,
            seconds: length)
    }

    /// Returns what each fault does, and what it caused according to frames, names or times.
    private static func explanation(_ faults: [FaultRecord], _ entries: [LedgerEntry]) -> String {
        faults.map { record in
            var sentences = ["\(record.labelWithValues)\(record.fault.aim.map { " on \($0)" } ?? "")."]
            if let description = FaultCatalogue[record.fault.name] {
                sentences += [description.does, "What applications see: \(description.application)"]
            }
            let effects = entries.filter { $0.fault == record.label }
            let errors = effects.filter { $0.kind != .recovered && $0.kind != .fault && $0.code != nil }
            let codes = Dictionary(grouping: errors) { "\($0.code ?? 0) \($0.codeName ?? "")" }
            if !codes.isEmpty {
                let words = codes.sorted { $0.key < $1.key }.map { name, entries in
                    let count = entries.reduce(0) { $0 + $1.count }
                    return "\(name) \(count == 1 ? "once" : "\(count) times")"
                }
                sentences.append("It led to: \(words.joined(separator: ", ")).")
            }
            sentences += effects.filter { $0.kind == .recovered }.map { "Recovered: \($0.text)." }
            if effects.allSatisfy({ $0.kind == .fault }) { sentences.append("Nothing in the ledger followed from it.") }
            return sentences.map { $0.hasSuffix(".") || $0.hasSuffix(":") ? $0 : $0 + "." }.joined(separator: " ")
        }.joined(separator: "\n\n")
    }
}

extension LedgerEntry {
    /// Whether the user's own operation failed, for example a publish that was not confirmed in time.
    fileprivate var isFailure: Bool { kind != .action || (severity ?? .ok) >= .warning }
}

extension FaultRecord {
    /// The fault with all its parameters as injected, including those with defaults.
    fileprivate var labelWithValues: String {
        let order = try? FaultCatalogue.order(fault)
        let names = FaultCatalogue[fault.name]?.parameters.map(\.name) ?? []
        let values = names.compactMap { name in
            (order?.values[name] ?? fault.parameters[name]).map { "\(name) \($0)" }
        }
        return values.isEmpty ? label : "\(label) (\(values.joined(separator: ", ")))"
    }

    /// Returns when it ended, in seconds from the beginning of the report; nil for a fault that takes effect once.
    fileprivate func end(by end: Date, from begun: Date) -> Double? {
        switch state {
        case .done, .failed: nil
        case .inForce, .undoing, .undoFailed: end.timeIntervalSince(begun)
        case .undone:
            min(ended ?? until ?? end.timeIntervalSince1970, end.timeIntervalSince1970) - begun.timeIntervalSince1970
        }
    }
}
