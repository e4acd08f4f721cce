import Faults
import Foundation
import Screen

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
