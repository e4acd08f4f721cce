public import Foundation

/// Formats values as short texts for people, the same in tables on the screen and in `--format table`.
///
/// An unknown value is `-`. Every text is plain; callers that draw pass names through `Screen.Text` first.
public struct ValueFormat: Sendable, Equatable {
    /// The time zone of displayed times.
    public enum Zone: Sendable, Equatable {
        case utc
        case local
        /// Seconds east of UTC.
        case offset(Int)
    }

    /// The time zone of displayed times.
    public var zone: Zone
    /// The text of an unknown value.
    public var unknown: String

    /// Creates a format.
    public init(zone: Zone = .utc, unknown: String = "-") {
        self.zone = zone
        self.unknown = unknown
    }

    /// Returns a cell's text, by the kind of its column. `width` is the available width: numbers are shortened to fit,
    /// texts are not.
    public func text(_ value: Value, _ kind: ColumnKind, width: Int = .max, now: Date) -> String {
        switch value {
        case .none: unknown
        case .text(let text): text
        case .flag(let flag): flag ? "yes" : "no"
        case .list(let list): list.isEmpty ? unknown : list.joined(separator: ", ")
        case .time(let time): clock(time, now: now)
        case .integer(let integer):
            switch kind {
            case .count, .text, .flag, .list, .time: count(integer, width: width)
            case .rate: rate(Double(integer), width: width)
            case .bytes: bytes(Double(integer), width: width)
            case .bytesPerSecond: bytes(Double(integer), width: max(2, width) - 2) + "/s"
            case .duration: duration(Double(integer))
            }
        case .number(let number):
            switch kind {
            case .count, .text, .flag, .list, .time, .rate: rate(number, width: width)
            case .bytes: bytes(number, width: width)
            case .bytesPerSecond: bytes(number, width: max(2, width) - 2) + "/s"
            case .duration: duration(number)
            }
        }
    }

    /// Formats a whole number: `1,234,567`, or `1.23M` when that does not fit into `width` columns.
    public func count(_ value: Int, width: Int = .max) -> String {
        let full = Self.grouped(value)
        if full.count <= width { return full }
        let plain = String(value)
        if plain.count <= width { return plain }
        return Self.scaled(Double(value), steps: Self.decimalSteps, base: 1_000, width: width)
    }

    /// Formats a rate per second: `0`, `0.4`, `12.5`, `1,234`, `45.6k`.
    public func rate(_ value: Double, width: Int = .max) -> String {
        guard value.isFinite else { return unknown }
        let size = abs(value)
        if size >= Self.huge { return Self.exponential(value) }
        if size < 0.05 { return "0" }
        if size < 99.95 {
            let text = Self.fixed(value, 1)
            let short = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
            if short.count <= width { return short }
        }
        return count(Self.whole(value), width: width)
    }

    /// Formats bytes in powers of 1,024: `512 B`, `1.5 KiB`, `12 MiB`; with `width` under 7 the short `12M`.
    public func bytes(_ value: Double, width: Int = .max) -> String {
        guard value.isFinite else { return unknown }
        if abs(value) >= 1_000 * Self.huge { return Self.exponential(value) }
        if width >= 7 {
            let text = Self.binary(value, units: ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"], separator: " ")
            if text.count <= width { return text }
        }
        return Self.scaled(value, steps: Self.binarySteps, base: 1_024, width: width)
    }

    /// Formats seconds: `0.4s`, `12s`, `3m05s`, `2h07m`, `3d4h`, `412d`.
    public func duration(_ seconds: Double) -> String {
        guard seconds.isFinite else { return unknown }
        let sign = seconds < 0 ? "-" : ""
        let size = abs(seconds)
        if size >= Self.huge { return Self.exponential(seconds) + "s" }
        if size < 9.95 {
            let text = Self.fixed(size, 1)
            return sign + (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + "s"
        }
        let whole = Self.whole(size)
        if whole < 60 { return "\(sign)\(whole)s" }
        if whole < 3_600 { return "\(sign)\(whole / 60)m\(Self.twoDigits(whole % 60))s" }
        if whole < 86_400 { return "\(sign)\(whole / 3_600)h\(Self.twoDigits(whole % 3_600 / 60))m" }
        if whole < 100 * 86_400 { return "\(sign)\(whole / 86_400)d\(whole % 86_400 / 3_600)h" }
        return "\(sign)\(whole / 86_400)d"
    }

    /// Returns the time of day `HH:MM:SS` in `zone`; on another day than `now` the date, `2026-11-21`.
    public func clock(_ time: Date, now: Date) -> String {
        let offset = offset(at: time)
        let local = CivilTime(time, offset: offset)
        let today = CivilTime(now, offset: offset)
        return local.day == today.day ? local.clock : local.date
    }

    /// Returns date and time of day in `zone`, including the zone: `2026-11-21 08:15:02 UTC` or `… +01:00`.
    public func dateAndTime(_ time: Date) -> String {
        let offset = offset(at: time)
        let local = CivilTime(time, offset: offset)
        return "\(local.date) \(local.clock) \(zoneName(offset))"
    }

    /// Returns the name of `zone`: `UTC`, or the offset from it such as `+01:00`.
    public func zoneName(now: Date) -> String { zoneName(offset(at: now)) }

    private func zoneName(_ offset: Int) -> String {
        if offset == 0 { return "UTC" }
        let minutes = abs(offset) / 60
        return "\(offset < 0 ? "-" : "+")\(Self.twoDigits(minutes / 60)):\(Self.twoDigits(minutes % 60))"
    }

    private func offset(at time: Date) -> Int {
        switch zone {
        case .utc: 0
        case .offset(let seconds): seconds
        // For a time beyond all calendars only the current offset is known.
        case .local: TimeZone.current.secondsFromGMT(for: abs(time.timeIntervalSince1970) < 1e11 ? time : Date())
        }
    }
}
