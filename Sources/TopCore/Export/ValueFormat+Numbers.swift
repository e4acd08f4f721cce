import Foundation

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
