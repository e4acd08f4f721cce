public import Foundation

/// Applies one event to the state, and returns the side effects to perform. Nothing else changes the state.
///
/// - Parameters:
///   - state: The state to change in place.
///   - event: The event to apply.
///   - now: The current time; `update` never reads a clock.
public func update(_ state: inout State, _ event: Event, at now: Date) -> [Action] {
    state.clock = now
    if state.past == nil { state.now = now }
    var actions: [Action]
    switch event {
    case _ where state.isOfPresent(event): actions = state.giveToPresent(event)
    case .key(let key): actions = state.handle(key)
    case .paste(let text): actions = state.paste(text)
    case .pointer(let pointer): actions = state.point(pointer)
    case .resized(let size):
        state.size = size
        state.overlays.fit(size)
        actions = []
    case .viewport(let rows, let limits):
        state.tableRows = max(0, rows)
        state.scrollLimits = limits
        if state.view == .overview { state.overview.follow(limits.overview) }
        for view in ViewID.allCases { state.apply(.page(max(0, rows)), to: view) }
        actions = []
    case .snapshot(let snapshot):
        state.take(snapshot)
        actions = []
    case .entries(let entries, let dropped):
        state.take(entries: entries, dropped: dropped)
        actions = []
    case .reports(let reports):
        state.take(reports)
        actions = []
    case .operation(let id, let report): actions = state.take(report, of: id)
    case .moment(let moment): actions = state.take(moment)
    case .curves(let curves):
        state.take(curves)
        actions = []
    case .recording(let status):
        state.recording = status
        actions = []
    case .clusters(let summaries):
        state.take(summaries)
        actions = []
    case .clusterChange(let change): actions = state.take(change)
    case .tick:
        state.applyRules()
        actions = state.giveToPresent(.tick) + state.play()
        state.showClusters()
    }
    actions += state.beginReplay()
    state.restoreScreen(after: event)
    state.expire()
    state.holdSelection()
    state.selectCreated()
    state.followChanges(after: event)
    if let interest = state.changedInterest() { actions.append(.watch(interest)) }
    if let change = state.changedClusterWatch() { actions.append(change) }
    let curves = state.missingCurves()
    if !curves.isEmpty { actions.append(.curves(curves)) }
    return actions
}

extension State {
    /// Seconds for which an operation's line stays after its end.
    static let activityPeriod = 6.0

    /// Removes expired notices and operations.
    mutating func expire() {
        if let notice, notice.until <= clock { self.notice = nil }
        let oldest = clock.addingTimeInterval(-Self.activityPeriod)
        activities.removeAll { activity in activity.endedAt.map { $0 <= oldest } ?? false }
    }

    mutating func tell(_ text: String, _ severity: Notice.Severity = .info) {
        let period: Double =
            switch severity {
            case .info, .success: 4
            case .warning, .failure: 8
            }
        notice = Notice(text, severity, until: clock.addingTimeInterval(period))
    }
}
