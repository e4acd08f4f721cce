import Faults
import Foundation
import Screen

/// Formats the catalogue for people and for programs.
enum FaultText {
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }

    private static let injectionPoints: [FaultDescription.InjectionPoint: String] = [
        .own: "On connections and channels of rabbittop's own", .broker: "On the broker, through its API",
        .proxy: "On any application, through the proxy", .node: "On a private broker",
    ]

    static func table(_ faults: [FaultDescription]) -> String {
        let width = faults.map(\.name.count).max() ?? 0
        var lines: [String] = []
        for injectionPoint in FaultDescription.InjectionPoint.allCases {
            let mine = faults.filter { $0.injectionPoint == injectionPoint }
            guard !mine.isEmpty else { continue }
            if !lines.isEmpty { lines.append("") }
            lines.append(injectionPoints[injectionPoint] ?? injectionPoint.rawValue)
            for fault in mine {
                let mark = fault.isDestructive ? "!" : fault.undo == nil ? " " : "u"
                lines.append(
                    "  \(Text.padded(fault.name, to: width)) \(mark) \(fault.title)")
            }
        }
        lines += [
            "", "u: can be undone  !: deletes or loses something for good",
            "rabbittop fault list NAME describes one.",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    static func page(_ fault: FaultDescription) -> String {
        var rows: [(String, String)] = [
            ("does", fault.does), ("scope", fault.scope.rawValue), ("hits", fault.blast),
            ("undo", fault.undo ?? "none: it happens once"),
        ]
        if let duration = fault.defaultDuration {
            rows.append(("lasts", "\(FaultValue.number(duration)) s by default"))
        }
        rows.append(("application", fault.application))
        for parameter in fault.parameters {
            let unit = parameter.unit.map { " \($0)" } ?? ""
            let value = parameter.value.map {
                "; \($0.description.isEmpty ? "empty" : $0.description + unit) by default"
            }
            rows.append(
                ("--set \(parameter.name)", "\(parameter.help): \(parameter.range)\(value ?? "; has to be given")"))
        }
        if !fault.selects.isEmpty { rows.append(("--on", fault.selects.map(\.rawValue).joined(separator: ", "))) }
        let width = rows.map(\.0.count).max() ?? 0
        let body = rows.flatMap { name, text in Text.wrapped(text, width: 78, label: name, column: width + 2) }
        return "\(fault.name): \(fault.title)\n\n" + body.joined(separator: "\n") + "\n"
    }
}

/// One entry of the ledger, for people and for programs.
struct LedgerLine {
    enum Format: String, CaseIterable {
        case text, jsonl
    }

    let entry: LedgerEntry

    func written(as format: Format) -> String {
        switch format {
        case .text: text
        case .jsonl: json
        }
    }

    var text: String {
        let time = entry.at.formatted(
            .iso8601.time(includingFractionalSeconds: true).timeZoneSeparator(.omitted))
        var words = [String(time.prefix(12))]
        if entry.kind != .fault, let who = entry.clientName ?? entry.connection ?? entry.peer { words.append(who) }
        words.append(entry.kind == .fault ? "fault" : "\(entry.scope.rawValue) \(entry.kind.rawValue)")
        if let channel = entry.channel { words.append("channel \(channel)") }
        if let queue = entry.queue { words.append("queue \(queue)") }
        if let code = entry.code { words.append(entry.codeName.map { "\(code) \($0)" } ?? "\(code)") }
        let remark = entry.remark
        if !remark.isEmpty { words.append(remark) }
        if entry.kind != .fault, let fault = entry.fault { words.append("<- \(fault)") }
        return Text.visible(words.joined(separator: " "))
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(entry)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
