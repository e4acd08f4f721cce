import Faults
public import Foundation
import Names

/// One entry of the broker's log: its prefix, and its text with line breaks.
public struct LogMessage: Sendable, Equatable {
    /// The broker's own time; `nil` if the format has none that can be parsed.
    public var at: Date?
    /// The severity in lower case: `error`, `warning`, `info` ….
    public var level: String
    /// The Erlang process that wrote the entry, `<0.1402.0>`.
    public var process: String?
    /// The text without the prefix.
    public var text: String

    /// Creates an entry from its parts.
    public init(at: Date?, level: String, process: String?, text: String) {
        self.at = at
        self.level = level
        self.process = process
        self.text = Self.repairingNames(in: text.shortened(to: LogAssembler.maximumLength))
    }
}

extension LogMessage {
    /// Reads one whole entry as delivered by the log exchange: plain text in which each physical line repeats time,
    /// level and process, or a JSON object.
    public init?(entry: some StringProtocol) {
        if entry.utf8.first == UInt8(ascii: "{"), let message = LogMessage(json: String(entry)) {
            self = message
            return
        }
        var assembler = LogAssembler()
        var first: LogMessage?
        for line in Substring(entry).parts(separatedBy: "\n") {
            if let message = assembler.take(line: line), first == nil { first = message }
        }
        guard let message = first ?? assembler.flush() else { return nil }
        self = message
    }

    /// Reads an entry of `log.file.formatter = json`.
    init?(json text: String) {
        guard let fields = try? JSONDecoder().decode(JSONFields.self, from: Data(text.utf8)), let message = fields.msg
        else { return nil }
        self.init(
            at: fields.time?.date, level: (fields.level ?? "info").lowercased(), process: fields.pid, text: message)
    }

    private struct JSONFields: Decodable {
        var time: Time?
        var level: String?
        var msg: String?
        var pid: String?
    }

    /// A time as text, or as a number of microseconds or seconds since 1970 (`log.file.formatter.time_format`).
    private struct Time: Decodable {
        var date: Date?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Double.self) {
                date = Self.epoch(number)
            } else {
                let text = try container.decode(String.self)
                date = LogTime.date(Substring(text)) ?? Double(text).flatMap(Self.epoch)
            }
        }

        private static func epoch(_ number: Double) -> Date? {
            guard number.isFinite, number > 0 else { return nil }
            return Date(timeIntervalSince1970: number > 1e12 ? number / 1e6 : number)
        }
    }
}

/// Assembles entries from the lines of a log file.
///
/// An entry ends where a line with another time, level or process begins; `flush` ends the last one when no line has
/// followed for some time.
struct LogAssembler: Sendable {
    /// The highest length of an entry that is kept; a crash report can be endless.
    static let maximumLength = 16_384

    private var head: Substring = ""
    private var current: LogMessage?

    /// Adds the next line, without its line end. Returns the previous entry if this line begins another.
    mutating func take(line: some StringProtocol) -> LogMessage? {
        var line = Substring(line)
        // The file may come from a system that ends lines with CR LF.
        if line.ends(with: "\r") { line = line.dropLast(bytes: 1) }
        if line.begins(with: "{"), let message = LogMessage(json: String(line)) {
            let finished = flush()
            current = message
            return finished
        }
        guard let prefix = LogPrefix(line) else {
            append(line)
            return nil
        }
        if current != nil, head.hasSameBytes(as: prefix.head) {
            append(prefix.rest)
            return nil
        }
        let finished = flush()
        head = prefix.head
        current = LogMessage(at: prefix.at, level: prefix.level, process: prefix.process, text: String(prefix.rest))
        return finished
    }

    /// Ends the current entry and returns it.
    mutating func flush() -> LogMessage? {
        guard var message = current else { return nil }
        current = nil
        head = ""
        while message.text.utf8.last == 0x0A { message.text.unicodeScalars.removeLast() }
        return message
    }

    private mutating func append(_ line: Substring) {
        guard current != nil, (current?.text.utf8.count ?? 0) + line.utf8.count < Self.maximumLength else { return }
        current?.text.append("\n")
        current?.text.append(contentsOf: line)
    }
}

/// `2026-11-21 00:28:59.079153+00:00 [info] <0.1387.0> ` at the start of a line.
struct LogPrefix {
    var head: Substring
    var at: Date?
    var level: String
    var process: String?
    var rest: Substring

    init?(_ line: Substring) {
        // A line begins with its date; a configured prefix may precede the level, so the parser searches for the level.
        guard let first = line.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
            let open = line.firstRange(of: "["), let close = line[open.upperBound...].firstRange(of: "]"),
            line[..<open.lowerBound].utf8.count < 48
        else { return nil }
        let name = line[open.upperBound..<close.lowerBound]
        let isWord = name.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
        guard !name.isEmpty, isWord else { return nil }
        at = LogTime.date(line[..<open.lowerBound])
        level = name.lowercased()
        var rest = line[close.upperBound...].droppingSpaces()
        if rest.begins(with: "<"), let end = rest.firstRange(of: ">") {
            process = String(rest[..<end.upperBound])
            rest = rest[end.upperBound...]
        }
        head = line[..<rest.startIndex]
        self.rest = rest.begins(with: " ") ? rest.dropFirst(bytes: 1) : rest
    }
}

/// The timestamps of the broker's log: RFC 3339 with a space or a `T`, with or without a fraction and an offset.
enum LogTime {
    static func date(_ text: Substring) -> Date? {
        let bytes = Array(text.utf8)
        var place = 0
        func number(_ digits: Int) -> Int? {
            guard place + digits <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[place..<place + digits] {
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            place += digits
            return value
        }
        func skip(_ characters: String) -> Bool {
            guard place < bytes.count, characters.utf8.contains(bytes[place]) else { return false }
            place += 1
            return true
        }
        guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2), skip(" T"),
            // RabbitMQ up to 3.9 leaves out the leading zero of the hour in `idle_since`.
            let hour = number(2) ?? number(1), skip(":"), let minute = number(2), skip(":"), let second = number(2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var fraction = 0.0
        if skip(".") {
            var scale = 0.1
            while let digit = number(1) {
                fraction += Double(digit) * scale
                scale /= 10
            }
        }
        var offset = 0
        if place < bytes.count, bytes[place] == UInt8(ascii: "+") || bytes[place] == UInt8(ascii: "-") {
            let sign = bytes[place] == UInt8(ascii: "+") ? 1 : -1
            place += 1
            guard let hours = number(2), skip(":"), let minutes = number(2) else { return nil }
            offset = sign * (hours * 3600 + minutes * 60)
        }
        let seconds = days(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second - offset
        return Date(timeIntervalSince1970: Double(seconds) + fraction)
    }

    /// Returns the days since 1970-01-01 in the Gregorian calendar.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
