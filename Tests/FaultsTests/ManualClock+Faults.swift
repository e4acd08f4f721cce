import ClockSupport
import Faults

extension ManualClock {
    var clock: FaultClock {
        FaultClock(now: { self.now }, sleep: { try await self.sleep($0) })
    }
}
