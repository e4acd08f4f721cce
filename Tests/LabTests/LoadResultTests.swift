import Foundation
import Testing

@testable import Lab

@Suite("Load results")
struct LoadResultTests {
    @Test("Percentiles are values that were measured, by nearest rank")
    func percentiles() throws {
        let latency = try #require(LoadResult.Latency((1...200).reversed().map { .milliseconds($0) }))
        #expect(latency.p50 == 100 && latency.p99 == 198 && latency.max == 200)
        let single = try #require(LoadResult.Latency([.microseconds(1500)]))
        #expect(single.p50 == 1.5 && single.p99 == 1.5 && single.max == 1.5)
        #expect(LoadResult.Latency([]) == nil)
    }

    @Test("What is not known is null in JSON, and every key is there")
    func json() throws {
        let result = LoadResult(mode: .publish, count: 1000, size: 10, seconds: 0.5, cpu: 0.002, latency: nil)
        let object = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(result)) as? [String: Any])
        #expect(
            object.keys.sorted() == [
                "confirm_latency_ms", "count", "cpu_us_per_message", "mode", "rate", "seconds", "size",
            ])
        #expect(object["confirm_latency_ms"] is NSNull)
        #expect(object["rate"] as? Double == 2000)
        #expect(object["cpu_us_per_message"] as? Double == 2)
        #expect(object["mode"] as? String == "publish")
    }

    @Test("Each number is handed out once, and no more than there are")
    func tickets() async {
        let tickets = LoadTickets()
        let taken = await withTaskGroup(of: [Int].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var own: [Int] = []
                    while let number = tickets.next(below: 5000) { own.append(number) }
                    return own
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(taken.sorted() == Array(0..<5000))
    }
}
