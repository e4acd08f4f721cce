import Foundation
import Testing

@testable import Lab

@Suite struct WaveTests {
    @Test func sineGoesBetweenItsCrestAndItsTrough() {
        let wave = Wave(mean: 12, swing: 9, period: 40)
        #expect(wave.rate(at: 0) == 12)
        #expect(abs(wave.rate(at: 10) - 21) < 1e-9)
        #expect(abs(wave.rate(at: 30) - 3) < 1e-9)
        #expect(abs(wave.rate(at: 50) - wave.rate(at: 10)) < 1e-9)
    }

    @Test func neverNegative() {
        let wave = Wave(mean: 1, swing: 5, period: 10)
        #expect((0..<100).allSatisfy { wave.rate(at: Double($0) / 10) >= 0 })
    }

    @Test func burstsComeAndGo() {
        let wave = Wave(mean: 2, burst: .init(rate: 110, length: 4, every: 25))
        #expect(wave.rate(at: 3) == 112)
        #expect(wave.rate(at: 5) == 2)
        #expect(wave.rate(at: 26) == 112)
        #expect(abs(wave.average - 19.6) < 1e-9)
    }

    @Test func pacerLosesNothingBetweenTicks() {
        let wave = Wave(mean: 7.3, swing: 5, period: 30)
        var pacer = Pacer(wave, at: 0)
        var sent = 0
        for tick in 1...3_000 { sent += pacer.due(at: Double(tick) * 0.2) }
        #expect(abs(Double(sent) - 600 * 7.3) < 5)
    }

    @Test func pacerForgetsALongPause() {
        var pacer = Pacer(Wave(mean: 100), at: 0)
        #expect(pacer.due(at: 60) == 100)
        #expect(pacer.due(at: 60) == 0)
        #expect(pacer.due(at: 59) == 0)
        #expect(pacer.due(at: 60.5) == 50)
    }

    @Test func backoffDoublesUpToItsCap() {
        var backoff = Backoff()
        #expect((0..<5).map { _ in backoff.next(spread: 1) } == [0.2, 0.4, 0.8, 1, 1])
        backoff.reset()
        #expect(backoff.next(spread: 0) == 0.1)
        for _ in 0..<10_000 { #expect(backoff.next() <= 1) }
    }
}
