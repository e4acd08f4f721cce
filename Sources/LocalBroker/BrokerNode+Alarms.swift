extension BrokerNode {
    /// A resource alarm: it blocks the publishers of the whole cluster. See <https://www.rabbitmq.com/docs/alarms>.
    public enum Alarm: String, Sendable, Codable, CaseIterable {
        case memory, disk
    }

    /// The limit of an alarm, as Erlang writes it.
    public struct AlarmLimit: Sendable, Hashable {
        /// The alarm that the limit belongs to.
        public let alarm: Alarm
        let term: String
    }

    /// Sets the limit of an alarm so that the alarm is raised, and returns when it is in effect.
    ///
    /// - Returns: the limit that was set before, for ``clearAlarm(_:)``.
    public nonisolated func raiseAlarm(_ alarm: Alarm) async throws(BrokerNodeError) -> AlarmLimit {
        let question =
            switch alarm {
            case .memory: "vm_memory_monitor:get_vm_memory_high_watermark()."
            case .disk: "rabbit_disk_monitor:get_disk_free_limit()."
            }
        let before = try await eval(question)
        let limit =
            switch alarm {
            case .memory: AlarmLimit(alarm: alarm, term: "0.000001")
            case .disk: AlarmLimit(alarm: alarm, term: "\"100000GB\"")
            }
        let old = AlarmLimit(alarm: alarm, term: before)
        try await setAlarmLimit(limit)
        do throws(BrokerNodeError) {
            try await waitFor(alarm, inEffect: true)
        } catch {
            // After cancellation or the deadline the limit is restored, because the caller receives nothing to clear.
            await Task { _ = try? await setAlarmLimit(old) }.value
            throw error
        }
        return old
    }

    /// Restores a limit, and returns when the alarm is no longer in effect.
    public nonisolated func clearAlarm(_ limit: AlarmLimit) async throws(BrokerNodeError) {
        try await setAlarmLimit(limit)
        try await waitFor(limit.alarm, inEffect: false)
    }

    private nonisolated func setAlarmLimit(_ limit: AlarmLimit) async throws(BrokerNodeError) {
        let change =
            switch limit.alarm {
            case .memory: "vm_memory_monitor:set_vm_memory_high_watermark(\(limit.term))."
            case .disk: "rabbit_disk_monitor:set_disk_free_limit(\(limit.term))."
            }
        try await eval(change)
    }

    private nonisolated func waitFor(_ alarm: Alarm, inEffect: Bool) async throws(BrokerNodeError) {
        let answer = try await eval(
            """
            Is = fun() -> lists:any(fun({{resource_limit, R, N}, _}) -> R =:= \(alarm.rawValue) andalso N =:= node(); \
            (_) -> false end, rabbit_alarm:get_alarms()) end, \
            Wait = fun W(0) -> late; W(K) -> case Is() of \(inEffect) -> ok; _ -> timer:sleep(100), W(K - 1) end end, \
            Wait(150).
            """)
        guard answer == "ok" else {
            throw BrokerNodeError(
                .deadline, "The \(alarm.rawValue) alarm was not \(inEffect ? "raised" : "cleared") after 15 s.",
                advice: "Another limit may hold it.", output: answer)
        }
    }
}
