public import Foundation

/// Reads times as people type them: `03:12`, `03:12:40`, `-10m`, `-1h30m`, `2026-11-29 03:12`, RFC 3339.
public enum TypedTime {
    /// A text that is no time.
    public struct Problem: Error, Sendable, Equatable {
        /// What a time looks like, in a few words.
        public var advice: String
    }

    /// Examples of what can be typed.
    public static let examples = "03:12, 03:12:40, -10m, -1h30m, 2026-11-29 03:12 or 2026-11-29T03:12:40Z"

    /// Returns the time that a text stands for.
    ///
    /// - Parameters:
    ///   - text: The text. A time of day is the last such time that is not after `latest`; a duration counts from
    ///     `origin`.
    ///   - origin: The time that a duration counts from: the time that is shown.
    ///   - latest: The present, or the end of a recording.
    ///   - zone: The time zone of a text that has none. A time that its clocks skip is taken by the offset before the
    ///     change; of a time that they show twice, the last one for a time of day, and the first one for a date.
    public static func date(_ text: String, from origin: Date, latest: Date, zone: TimeZone) throws(Problem) -> Date {
        var scanner = Scanner(text)
        scanner.skipBlanks()
        if scanner.isAtEnd { throw problem }
        let found: Date?
        switch scanner.peek {
        case UInt8(ascii: "-"), UInt8(ascii: "+"): found = duration(&scanner).map { origin.addingTimeInterval($0) }
        default:
            if scanner.take("now") {
                found = latest
            } else if let day = calendarDay(&scanner) {
                found = time(on: day, &scanner, zone)
            } else {
                found = timeOfDay(&scanner, latest: latest, zone)
            }
        }
        scanner.skipBlanks()
        guard let found, scanner.isAtEnd else { throw problem }
        return found
    }

    private static var problem: Problem { Problem(advice: "a time: \(examples)") }

    private static let units: [(letter: UInt8, seconds: Double)] = [
        (UInt8(ascii: "d"), 86_400), (UInt8(ascii: "h"), 3_600), (UInt8(ascii: "m"), 60), (UInt8(ascii: "s"), 1),
    ]

    /// Reads `-1h30m`: a sign, and numbers with units, the largest unit first.
    private static func duration(_ scanner: inout Scanner) -> Double? {
        let sign: Double = scanner.take("-") ? -1 : scanner.take("+") ? 1 : 0
        var seconds = 0.0
        var allowed = units[...]
        repeat {
            guard let number = scanner.number(most: 7),
                let place = allowed.firstIndex(where: { $0.letter == scanner.peek })
            else { return nil }
            scanner.advance()
            seconds += Double(number) * allowed[place].seconds
            allowed = allowed[(place + 1)...]
        } while scanner.isAtDigit
        return sign * seconds
    }

    /// Reads `2026-11-29`, as days since 1970-01-01.
    private static func calendarDay(_ scanner: inout Scanner) -> Int? {
        let start = scanner
        guard let year = scanner.number(digits: 4), scanner.take("-"), let month = scanner.number(digits: 2),
            scanner.take("-"), let day = scanner.number(digits: 2), (1_970...9_998).contains(year),
            (1...12).contains(month), day >= 1, day <= length(of: month, in: year)
        else {
            scanner = start
            return nil
        }
        return days(year, month, day)
    }

    /// Reads the time of day that follows a date, with its zone if it has one.
    private static func time(on day: Int, _ scanner: inout Scanner, _ zone: TimeZone) -> Date? {
        if !scanner.take("T"), !scanner.take("t") {
            let isSeparated = scanner.takeBlanks()
            // A date alone is its beginning.
            if scanner.isAtEnd { return instants(of: Double(day) * 86_400, zone).first }
            guard isSeparated else { return nil }
        }
        guard let second = secondOfDay(&scanner) else { return nil }
        let local = Double(day) * 86_400 + second
        if scanner.take("Z") || scanner.take("z") { return Date(timeIntervalSince1970: local) }
        let sign: Double = scanner.take("+") ? 1 : scanner.take("-") ? -1 : 0
        guard sign != 0 else { return instants(of: local, zone).first }
        guard let hours = scanner.number(digits: 2), hours < 24, scanner.take(":"),
            let minutes = scanner.number(digits: 2), minutes < 60
        else { return nil }
        return Date(timeIntervalSince1970: local - sign * Double(hours * 3_600 + minutes * 60))
    }

    private static func timeOfDay(_ scanner: inout Scanner, latest: Date, _ zone: TimeZone) -> Date? {
        guard let second = secondOfDay(&scanner) else { return nil }
        let today = CivilTime(latest, offset: zone.secondsFromGMT(for: latest)).day
        return [today, today - 1, today - 2].lazy
            .compactMap { day in instants(of: Double(day) * 86_400 + second, zone).last { $0 <= latest } }.first
    }

    /// Reads `03:12`, `03:12:40` or `03:12:40.5`.
    private static func secondOfDay(_ scanner: inout Scanner) -> Double? {
        guard let hours = scanner.number(most: 2), hours < 24, scanner.take(":"),
            let minutes = scanner.number(digits: 2), minutes < 60
        else { return nil }
        let start = Double(hours * 3_600 + minutes * 60)
        guard scanner.take(":") else { return start }
        guard let seconds = scanner.number(digits: 2), seconds < 60 else { return nil }
        guard scanner.take(".") else { return start + Double(seconds) }
        var fraction = 0.0
        var scale = 0.1
        guard scanner.isAtDigit else { return nil }
        while scanner.isAtDigit, let digit = scanner.number(digits: 1) {
            fraction += Double(digit) * scale
            scale /= 10
        }
        return start + Double(seconds) + fraction
    }

    /// Returns the instants at which the clocks of a zone show a time, the first one first; for a time that they skip,
    /// the one by the offset before the change.
    private static func instants(of local: Double, _ zone: TimeZone) -> [Date] {
        let asUTC = Date(timeIntervalSince1970: local)
        let before = zone.secondsFromGMT(for: asUTC.addingTimeInterval(-86_400))
        let after = zone.secondsFromGMT(for: asUTC.addingTimeInterval(86_400))
        let offsets = before == after ? [before] : [before, after]
        let shown = offsets.map { (asUTC.addingTimeInterval(-Double($0)), $0) }
            .filter { zone.secondsFromGMT(for: $0.0) == $0.1 }.map(\.0).sorted()
        return shown.isEmpty ? [asUTC.addingTimeInterval(-Double(before))] : shown
    }

    private static func length(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Returns days since 1970-01-01. Years begin with March, so that the leap day is their last one.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Reads ASCII from the front.
    private struct Scanner {
        private var rest: ArraySlice<UInt8>

        init(_ text: String) { rest = Array(text.utf8)[...] }

        var isAtEnd: Bool { rest.isEmpty }
        var peek: UInt8? { rest.first }
        var isAtDigit: Bool { rest.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false }

        mutating func advance() { rest = rest.dropFirst() }

        mutating func skipBlanks() { _ = takeBlanks() }

        mutating func takeBlanks() -> Bool {
            let before = rest.count
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            return rest.count < before
        }

        mutating func take(_ text: StaticString) -> Bool {
            let bytes = text.withUTF8Buffer { Array($0) }
            guard rest.starts(with: bytes) else { return false }
            rest = rest.dropFirst(bytes.count)
            return true
        }

        /// Reads a number of 1 to `most` digits.
        mutating func number(most: Int) -> Int? {
            guard isAtDigit else { return nil }
            var value = 0
            var count = 0
            while isAtDigit, let digit = peek {
                count += 1
                guard count <= most else { return nil }
                value = value * 10 + Int(digit - UInt8(ascii: "0"))
                advance()
            }
            return value
        }

        /// Reads a number of exactly this many digits.
        mutating func number(digits: Int) -> Int? {
            guard rest.count >= digits else { return nil }
            var value = 0
            for digit in rest.prefix(digits) {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
                value = value * 10 + Int(digit - UInt8(ascii: "0"))
            }
            rest = rest.dropFirst(digits)
            return value
        }
    }
}
