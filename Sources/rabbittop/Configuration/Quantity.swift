/// Reads times and sizes with units, as options take them.
enum Quantity {
    private static let periods: [(unit: String, seconds: Double)] = [
        ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400), ("w", 7 * 86_400),
    ]
    /// The longest unit is tried first, so that `MB` is not read as `B`.
    private static let sizes: [(unit: String, bytes: Double)] = [
        ("kib", 0x1p10), ("mib", 0x1p20), ("gib", 0x1p30), ("tib", 0x1p40), ("kb", 1e3), ("mb", 1e6), ("gb", 1e9),
        ("tb", 1e12), ("k", 1e3), ("m", 1e6), ("g", 1e9), ("b", 1),
    ]
    /// Ten years; longer times are mistakes.
    private static let longest = 10 * 366 * 86_400.0

    /// Returns the seconds of `90s`, `30m`, `48h`, `7d`; `nil` for anything else.
    static func seconds(_ text: String) -> Double? {
        for (unit, seconds) in periods where text.utf8.hasSuffix(unit) {
            guard let number = number(text.dropLast()) else { return nil }
            let value = number * seconds
            return value > 0 && value <= longest ? value : nil
        }
        return nil
    }

    /// Returns the bytes of `500MB`, `2GB`, `1GiB`, in upper or lower case; `nil` for anything else.
    static func bytes(_ text: String) -> Int? {
        let text = text.lowercased()
        for (unit, bytes) in sizes where text.utf8.hasSuffix(unit) {
            guard let number = number(text.dropLast(unit.utf8.count)) else { return nil }
            return Int(exactly: (number * bytes).rounded())
        }
        return nil
    }

    private static func number(_ text: Substring) -> Double? {
        guard !text.isEmpty, text.utf8.count <= 12,
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".") })
        else { return nil }
        return Double(text)
    }
}

extension String.UTF8View {
    fileprivate func hasSuffix(_ suffix: String) -> Bool {
        count >= suffix.utf8.count && self.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }
}
