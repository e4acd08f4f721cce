import Experiments
import Foundation
import Lab
import Screen

/// Formats experiments and their results, for people and for programs.
enum LabText {
    // MARK: Experiments

    static func json(_ experiments: [ExperimentDescription]) -> String {
        let list = experiments.map { experiment in
            LabValue.object([
                "name": .text(experiment.name), "title": .text(experiment.title), "story": .text(experiment.story),
                "needs_broker_control": .flag(experiment.needsBrokerControl),
                "variants": .list(
                    experiment.variants.map { variant in
                        .object([
                            "name": .text(variant.name), "what": .text(variant.what),
                            "expectation": .text(variant.expectation), "cure": .flag(variant.isCure),
                        ])
                    }),
                "settings": .list(
                    experiment.settings.map { setting in
                        .object([
                            "name": .text(setting.name), "meaning": .text(setting.meaning), "default": setting.value,
                            "type": .text(setting.kind),
                            "min": setting.range.map { .number($0.lowerBound) } ?? .null,
                            "max": setting.range.map { .number($0.upperBound) } ?? .null,
                        ])
                    }),
            ])
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try? encoder.encode(LabValue.object(["experiments": .list(list)]))
        return String(decoding: data ?? Data("{}".utf8), as: UTF8.self) + "\n"
    }

    static func table(_ experiments: [ExperimentDescription]) -> String {
        var lines: [String] = []
        for experiment in experiments {
            lines += Text.wrapped(experiment.title, width: 78, label: "\(experiment.name)", column: 24)
            lines += Text.wrapped(
                experiment.variants.map(\.name).joined(separator: ", "), width: 78, label: "", column: 24)
        }
        lines += ["", "rabbittop lab list NAME describes one; rabbittop lab run NAME runs it."]
        return lines.joined(separator: "\n") + "\n"
    }

    static func page(_ experiment: ExperimentDescription) -> String {
        var lines = [experiment.name, ""]
        lines += Text.wrapped(experiment.title, width: 78)
        lines.append("")
        lines += Text.wrapped(experiment.story, width: 78)
        if experiment.needsBrokerControl {
            lines += ["", "It stops and starts its broker, and so runs on a private one only."]
        }
        lines += ["", "Variants"]
        for variant in experiment.variants {
            lines += Text.wrapped(
                "\(variant.what) \(variant.expectation)", width: 78, label: "  \(variant.name)", column: 27)
        }
        lines += ["", "Settings"]
        for setting in experiment.settings {
            let range = setting.range.map {
                ", \(LabValue.number($0.lowerBound).text) to \(LabValue.number($0.upperBound).text)"
            }
            lines += Text.wrapped(
                "\(setting.meaning) (\(setting.value.text.isEmpty ? "empty" : setting.value.text)\(range ?? ""))",
                width: 78, label: "  --set \(setting.name)=", column: 27)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: Results

    static func page(_ result: LabResult) -> String {
        var lines = ["\(result.lab) \(result.variant): \(result.words)"]
        for expectation in result.expectations {
            lines.append("  \(expectation.holds ? "yes" : "NO ")  \(expectation.what): \(expectation.found)")
        }
        if result.verdict == .fail { lines += Text.wrapped(result.why, width: 78, label: "  why", column: 6) }
        let counts = result.ledger.counts.figures.filter { $0.value != "0" || shownAlways.contains($0.name) }
        lines += Text.wrapped(
            counts.map { "\($0.name) \($0.value)" }.joined(separator: ", "), width: 78, label: "", column: 2)
        for error in result.ledger.errors {
            let code = error.code.map { " \($0)" } ?? ""
            lines.append("  error  \(error.count) x \(error.scope.rawValue)\(code): \(error.text)")
        }
        for recovery in result.ledger.recoveries {
            lines.append(
                "  recovered  \(recovery.application), \(LabValue.number(recovery.seconds).text) s after \(recovery.fault)"
            )
        }
        for (key, value) in result.ledger.details.sorted(by: { $0.key < $1.key }) {
            guard let table = LabTable(value) else {
                lines.append("  \(key): \(value.text)")
                continue
            }
            lines += ["  \(key):"] + Text.aligned([table.heads] + table.rows).map { "    \($0)" }
        }
        // They contain text of the peer, and are printed to a terminal.
        return lines.map(Text.visible).joined(separator: "\n") + "\n"
    }

    private static let shownAlways: Set = ["published", "consumed", "distinct", "lost", "missing"]

    /// Formats all variants side by side, with their rates if there are any.
    static func comparison(_ results: [LabResult]) -> String {
        let rates = Set(results.flatMap { $0.ledger.details.keys.filter { $0.hasSuffix("_rate") } }).sorted()
        let heads =
            ["variant", "verdict", "published", "confirmed", "distinct", "duplicates", "lost", "missing", "errors"]
            + rates
        let rows = results.map { result in
            let counts = result.ledger.counts
            return [result.variant, result.words]
                + [
                    counts.published, counts.confirmed, counts.distinct, counts.duplicates, counts.lost, counts.missing,
                    result.ledger.errorCount,
                ].map(String.init) + rates.map { result.ledger.details[$0]?.text ?? "-" }
        }
        let alignments = heads.indices.map { $0 < 2 ? Text.Alignment.leading : .trailing }
        return "\n" + Text.aligned([heads] + rows, alignments).joined(separator: "\n") + "\n"
    }
}

extension ExperimentDescription.Setting {
    fileprivate var kind: String {
        switch value {
        case .integer: "integer"
        case .number: "number"
        case .flag: "flag"
        case .text, .list, .object, .null: "text"
        }
    }
}
