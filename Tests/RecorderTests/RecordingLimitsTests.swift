import Recorder
import Testing

@Suite struct RecordingLimitsTests {
    @Test func theDefaultsKeepTwoHoursInFullAndTwoDaysAtAll() {
        let limits = RecordingLimits()
        #expect(limits.full == 7_200)
        #expect(limits.full < limits.minutes)
        #expect(limits.minutes < limits.retention)
    }
}
