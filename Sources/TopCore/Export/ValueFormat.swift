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

extension ValueFormat {
    static let decimalSteps = ["", "k", "M", "G", "T", "P", "E"]
    static let binarySteps = ["", "K", "M", "G", "T", "P", "E"]

    /// Formats a number with commas between thousands.
    static func grouped(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// Formats a number as three digits and a letter, with as many decimals as `width` has room for.
    static func scaled(_ value: Double, steps: [String], base: Double, width: Int) -> String {
        let sign = value < 0 ? "-" : ""
        var size = abs(value)
        var step = 0
        // 999.5 would be shown as 1000: it belongs to the next letter.
        while size >= (step == 0 ? base : min(base, 999.5)), step < steps.count - 1 {
            size /= base
            step += 1
        }
        var text = ""
        for places in stride(from: step == 0 ? 0 : (size < 9.995 ? 2 : (size < 99.95 ? 1 : 0)), through: 0, by: -1) {
            text = sign + fixed(size, places) + steps[step]
            if text.count <= width { return text }
        }
        return text
    }

    static func binary(_ value: Double, units: [String], separator: String) -> String {
        let sign = value < 0 ? "-" : ""
        var size = abs(value)
        var unit = 0
        while size >= 1_023.5, unit < units.count - 1 {
            size /= 1_024
            unit += 1
        }
        let places = unit == 0 || size >= 99.95 ? 0 : 1
        let text = fixed(size, places)
        return sign + (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + separator + units[unit]
    }

    /// Numbers from here on are shown by their magnitude only: `1.0e+300`.
    static let huge = 9e18

    /// Formats a number of `huge` or more, with its exponent.
    static func exponential(_ value: Double) -> String { String(format: "%.1e", value) }

    /// Formats `value` with this many decimals (up to three), independent of the locale.
    static func fixed(_ value: Double, _ places: Int) -> String {
        let factor: Double = places <= 0 ? 1 : (places == 1 ? 10 : (places == 2 ? 100 : 1_000))
        let scaled = (abs(value) * factor).rounded()
        guard scaled < 9e15 else { return String(value) }
        let whole = Int(scaled)
        let sign = value < 0 && whole > 0 ? "-" : ""
        if places <= 0 { return sign + String(whole) }
        let fraction = String(whole % Int(factor))
        return "\(sign)\(whole / Int(factor)).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
    }

    /// Returns the nearest integer, clamped to the range of `Int`; 0 for NaN. Never traps.
    public static func whole(_ value: Double) -> Int {
        guard !value.isNaN else { return 0 }
        let rounded = value.rounded()
        if rounded >= 9.2e18 { return .max }
        if rounded <= -9.2e18 { return .min }
        return Int(rounded)
    }

    static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
}

/// A date and time of day at an offset from UTC, in the proleptic Gregorian calendar. Avoids creating a formatter for
/// each cell.
struct CivilTime {
    let year: Int
    let month: Int
    let dayOfMonth: Int
    let secondOfDay: Int
    let milliseconds: Int
    /// Days since 1970-01-01.
    let day: Int

    /// Creates the date and time; dates beyond the years 0 to 9999 are clamped.
    init(_ time: Date, offset: Int) {
        let limit = 253_402_300_799.0
        let raw = time.timeIntervalSince1970 + Double(offset)
        let bounded = raw.isNaN ? 0 : min(max(raw, -62_167_219_200), limit)
        let total = Int((bounded * 1_000).rounded())
        let seconds = total >= 0 ? total / 1_000 : -((-total + 999) / 1_000)
        milliseconds = total - seconds * 1_000
        day = seconds >= 0 ? seconds / 86_400 : -((-seconds + 86_399) / 86_400)
        secondOfDay = seconds - day * 86_400

        // Days since 0000-03-01, in eras of 400 years: leap days fall at the end of such a year.
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        dayOfMonth = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var date: String {
        let digits = String(year)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            + "-\(ValueFormat.twoDigits(month))-\(ValueFormat.twoDigits(dayOfMonth))"
    }

    var clock: String {
        let hours = ValueFormat.twoDigits(secondOfDay / 3_600)
        let minutes = ValueFormat.twoDigits(secondOfDay % 3_600 / 60)
        return "\(hours):\(minutes):\(ValueFormat.twoDigits(secondOfDay % 60))"
    }

    /// Formats a time as RFC 3339 in UTC, with milliseconds if there are any.
    static func rfc3339(_ time: Date) -> String {
        let civil = CivilTime(time, offset: 0)
        let digits = String(civil.milliseconds)
        let fraction =
            civil.milliseconds == 0 ? "" : "." + String(repeating: "0", count: max(0, 3 - digits.count)) + digits
        return "\(civil.date)T\(civil.clock)\(fraction)Z"
    }
}
