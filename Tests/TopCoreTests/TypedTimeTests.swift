import Foundation
import Testing

@testable import TopCore

@Suite struct TypedTimeTests {
    /// 2026-11-30 03:24:10 UTC.
    static let now = Date(timeIntervalSince1970: 1_796_009_050)
    static let utc = TimeZone(secondsFromGMT: 0)!
    static let berlin = TimeZone(identifier: "Europe/Berlin")!

    private func read(
        _ text: String, from: Date = TypedTimeTests.now, latest: Date = TypedTimeTests.now,
        _ zone: TimeZone = TypedTimeTests.utc
    ) -> String? {
        guard let date = try? TypedTime.date(text, from: from, latest: latest, zone: zone) else { return nil }
        return CivilTime.rfc3339(date)
    }

    @Test(arguments: [
        ("03:12", "2026-11-30T03:12:00Z"), ("03:12:40", "2026-11-30T03:12:40Z"), ("3:12", "2026-11-30T03:12:00Z"),
        // It has not been this late today.
        ("23:59", "2026-11-29T23:59:00Z"), ("03:24:11", "2026-11-29T03:24:11Z"), (" 03:24:10 ", "2026-11-30T03:24:10Z"),
        ("-10m", "2026-11-30T03:14:10Z"), ("-1h30m", "2026-11-30T01:54:10Z"), ("-90s", "2026-11-30T03:22:40Z"),
        ("-2d1h", "2026-11-28T02:24:10Z"), ("+5m", "2026-11-30T03:29:10Z"), ("now", "2026-11-30T03:24:10Z"),
        ("2026-11-29 03:12", "2026-11-29T03:12:00Z"), ("2026-11-29T03:12:40Z", "2026-11-29T03:12:40Z"),
        ("2026-11-29T03:12:40.25Z", "2026-11-29T03:12:40.250Z"), ("2026-11-29t03:12:40+02:00", "2026-11-29T01:12:40Z"),
        ("2026-11-29 03:12:40-05:30", "2026-11-29T08:42:40Z"), ("2028-02-29 00:00", "2028-02-29T00:00:00Z"),
        ("2026-11-29", "2026-11-29T00:00:00Z"), ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
    ])
    func readsWhatPeopleType(_ text: String, _ expected: String) {
        #expect(read(text) == expected)
    }

    @Test(arguments: [
        "", " ", "-", "+", "soon", "25:00", "03:60", "03:12:60", "03", "3:1", "03:12x", "-10", "-10x", "-m", "-30m1h",
        "-99999999d", "2026-11-31 03:12", "2027-02-29 03:12", "2026-13-01 03:12", "2026-00-10 03:12", "0000-01-01",
        "2026-11-29 03:12 Z", "2026-11-29T03:12:40+24:00", "2026-11-29T", "2026-1-29 03:12", "03:12:40.", "٠٣:١٢",
        "now now", "nowhere",
    ])
    func refusesWhatIsNoTime(_ text: String) {
        #expect(read(text) == nil)
    }

    @Test func aTimeOfDayIsOneOfTheZone() {
        #expect(read("04:12", Self.berlin) == "2026-11-30T03:12:00Z")
        // It is 04:24 there, and 04:30 was yesterday.
        #expect(read("04:30", Self.berlin) == "2026-11-29T03:30:00Z")
        #expect(read("2026-07-01 12:00", Self.berlin) == "2026-07-01T10:00:00Z")
    }

    @Test func clocksThatAreChangedSkipAnHourAndRepeatOne() {
        // On 2026-03-29 02:00 becomes 03:00; on 2026-10-25 03:00 becomes 02:00.
        #expect(read("2026-03-29 02:30", Self.berlin) == "2026-03-29T01:30:00Z")
        #expect(read("2026-03-29 01:59", Self.berlin) == "2026-03-29T00:59:00Z")
        #expect(read("2026-03-29 03:00", Self.berlin) == "2026-03-29T01:00:00Z")
        #expect(read("2026-10-25 02:30", Self.berlin) == "2026-10-25T00:30:00Z")
        let afterwards = Date(timeIntervalSince1970: 1_792_900_800)  // 2026-10-25 04:00 UTC
        #expect(read("02:30", latest: afterwards, Self.berlin) == "2026-10-25T01:30:00Z")
        let between = Date(timeIntervalSince1970: 1_792_889_100)  // 2026-10-25 00:45 UTC
        #expect(read("02:30", latest: between, Self.berlin) == "2026-10-25T00:30:00Z")
    }

    @Test func aDurationCountsFromTheTimeThatIsShown() {
        let shown = Self.now.addingTimeInterval(-3_600)
        #expect(read("-10m", from: shown) == "2026-11-30T02:14:10Z")
        #expect(read("+10m", from: shown) == "2026-11-30T02:34:10Z")
    }
}
