import Names
import TopCore

extension TransferProgress {
    /// How far it is: `120 messages moved of 1,000 · 40/s`.
    ///
    /// - Parameter done: what is done, as in "12 messages moved".
    public func words(_ done: String) -> String {
        var words = ["\(TransferReport.messages(tally.moved)) \(done) of \(messages)"]
        if seconds > 0.2 { words.append("\(Int(clamping: Int64(min(Double(tally.delivered) / seconds, 9e15))))/s") }
        if tally.failed > 0 { words.append("\(tally.failed) failed") }
        if let blocked { words.append("the target's broker blocks publishers: \(blocked)") }
        return words.joined(separator: " · ")
    }
}

extension TransferReport {
    /// `1,234 messages`.
    public static func messages(_ count: Int) -> String {
        "\(OperationRun.grouped(count)) message\(count == 1 ? "" : "s")"
    }

    /// What was done, in one line.
    ///
    /// - Parameter done: what is done, as in "12 messages moved".
    public func summary(_ done: String) -> String {
        var words = ["\(Self.messages(tally.moved)) \(done)"]
        if tally.skipped > 0 { words.append("\(tally.skipped) did not match") }
        if tally.failed > 0 { words.append("\(tally.failed) failed") }
        if tally.possibleDuplicates > 0 { words.append("up to \(tally.possibleDuplicates) may be in both") }
        return words.joined(separator: ", ")
    }

    /// How many messages went which way, and how many failed for which reason: a line for each.
    public var ways: [String] {
        tally.groups.sorted { $0.key < $1.key }.map { group, count in "\(OperationRun.grouped(count)) \(group.words)" }
            + tally.failures.sorted { $0.key < $1.key }.map { why, count in
                "\(OperationRun.grouped(count)) failed: \(why)"
            }
    }
}

extension TransferGroup {
    /// `to queue orders (expired)`.
    public var words: String {
        let place =
            if let queue { "to queue \(queue)" } else if let routingKey {
                "to exchange '\(exchange)' with routing key '\(routingKey)'"
            } else { "to exchange '\(exchange)'" }
        return place + (reason.map { " (\($0))" } ?? "")
    }
}
