import BrokerMonitor
import Dispatch
import Recorder
import Synchronization
import TopCore

/// Looks up moments and curves for the screen, one after the other, without holding up the main thread.
///
/// Of several moments that are asked for at once, only the last one is looked up.
final class HistoryLookup: Sendable {
    private struct Wanted: Sendable {
        var target: SeekTarget?
        var curves: [CurveRequest] = []
        var isBusy = false
    }

    private let reader: RecordingReader
    private let inbox: Inbox
    private let work = DispatchQueue(label: "rabbittop-history", qos: .userInitiated)
    private let wanted = Mutex(Wanted())

    init(_ reader: RecordingReader, inbox: Inbox) {
        self.reader = reader
        self.inbox = inbox
    }

    /// Begins to look up a moment; it is posted to the inbox.
    func seek(_ target: SeekTarget) {
        start { $0.target = target }
    }

    /// Begins to look up figures over time; they are posted to the inbox.
    func curves(_ requests: [CurveRequest]) {
        start { $0.curves = requests }
    }

    private func start(_ change: (inout Wanted) -> Void) {
        let isIdle = wanted.withLock { wanted in
            change(&wanted)
            defer { wanted.isBusy = true }
            return !wanted.isBusy
        }
        if isIdle { work.async { [self] in answer() } }
    }

    private func answer() {
        while true {
            let next = wanted.withLock { wanted -> Wanted? in
                guard wanted.target != nil || !wanted.curves.isEmpty else {
                    wanted.isBusy = false
                    return nil
                }
                defer { wanted = Wanted(isBusy: true) }
                return wanted
            }
            guard let next else { return }
            if let target = next.target { inbox.post(moment(target)) }
            if !next.curves.isEmpty, let curves = try? reader.curves(next.curves) { inbox.post(curves) }
        }
    }

    /// A time at which nothing can be read is one of which nothing is known.
    private func moment(_ target: SeekTarget) -> Moment? {
        guard let time = try? reader.time(of: target) else { return nil }
        return try? reader.moment(at: time)
    }
}
