import Faults
import Recorder
import Synchronization
import TopCore

/// Gives recorders what a state has received: snapshots as they come, and the ledger's entries and the findings as the
/// state has completed them.
final class RecorderFeed: Sendable {
    private struct Progress: Sendable {
        var recorders: [Recorder]
        /// The number of the last entry that was recorded.
        var lastEntry: UInt64 = 0
        /// The findings that were recorded last.
        var findings: [Finding] = []
    }

    /// The number of entries before the last one that are recorded again after reports, which may complete them.
    private static let revisedEntries: UInt64 = 100

    private let progress: Mutex<Progress>

    init(_ recorders: [Recorder]) {
        progress = Mutex(Progress(recorders: recorders))
    }

    /// Records to these from now on.
    func set(_ recorders: [Recorder]) {
        progress.withLock { $0.recorders = recorders }
    }

    /// Records an event that the state has taken.
    func take(_ event: Event, _ state: State) {
        switch event {
        case .snapshot, .entries, .reports, .operation, .tick: break
        // These do not come from the broker.
        case .key, .paste, .pointer, .resized, .viewport, .moment, .curves, .recording, .clusters, .clusterChange:
            return
        }
        let latest = state.latest
        let now = latest.now
        progress.withLock { progress in
            var start = progress.lastEntry
            if case .reports = event { start -= min(start, Self.revisedEntries) }
            let entries = latest.ledger.entries(after: start, most: .max, room: .max)
            progress.lastEntry = max(progress.lastEntry, entries.last?.id ?? 0)
            let hasNewFindings = latest.diagnosis.findings != progress.findings
            progress.findings = latest.diagnosis.findings
            for recorder in progress.recorders {
                if case .snapshot(let snapshot) = event { recorder.take(snapshot, at: now) }
                recorder.take(entries: entries, at: now)
                if hasNewFindings { recorder.take(findings: progress.findings, at: now) }
            }
        }
    }
}
