import BrokerMonitor
import Dispatch
import Foundation
import Recorder
import Synchronization
import TopCore

/// Records what a session receives: into its private history, and into a file while the user wants that.
final class SessionRecorder: Sendable {
    private let history: Recorder
    private let limits: RecordingLimits
    private let status: SessionStatus
    private let work = DispatchQueue(label: "rabbittop-recordings", qos: .utility)
    private let feed: RecorderFeed
    /// The recording into a file.
    private let file = Mutex<Recorder?>(nil)
    /// The number of the last request to begin or end a recording: the copy for an earlier one is not wanted any more.
    private let request = Atomic<Int>(0)

    /// Opens the private history.
    ///
    /// - Throws: `RecordingError` if there is no place for temporary files.
    init(limits: RecordingLimits, about: RecordingInfo, inbox: Inbox) throws(RecordingError) {
        self.limits = limits
        let status = SessionStatus(inbox)
        self.status = status
        history = try Recorder(.temporary, limits: limits, about: about) { status.note(history: $0) }
        feed = RecorderFeed([history])
    }

    /// Reads the private history.
    var reader: RecordingReader { history.reader }

    /// Records an event that the state has taken.
    func take(_ event: Event, _ state: State) { feed.take(event, state) }

    /// Begins to record into a file, which starts with what the history holds; `nil` ends the recording.
    func record(to path: String?) {
        let number = request.add(1, ordering: .relaxed).newValue
        work.async { [self] in
            feed.set([history])
            file.withLock { $0.take() }?.close()
            status.note(file: nil)
            guard let path else { return }
            do throws(RecordingError) {
                let status = status
                let recorder = try history.record(to: (path as NSString).expandingTildeInPath, limits: limits) {
                    [self] in
                    request.load(ordering: .relaxed) != number
                } onStatus: {
                    status.note(file: $0)
                }
                file.withLock { $0 = recorder }
                feed.set([history, recorder])
            } catch {
                // Who ended it knows.
                if case .cancelled = error { return }
                status.note(failure: error)
            }
        }
    }

    /// Ends the recording in order, and removes the history. A recording that still copies what is remembered is given
    /// up: nothing is left of it.
    func close() {
        request.add(1, ordering: .relaxed)
        work.sync {
            feed.set([])
            file.withLock { $0.take() }?.close()
            history.close()
        }
    }
}

/// Reports one status of the private history and of the recording into a file.
private final class SessionStatus: Sendable {
    private struct Parts: Sendable {
        var history = RecordingStatus()
        var file: RecordingStatus?
        var failure: RecordingError?
    }

    private let inbox: Inbox
    private let parts = Mutex(Parts())

    init(_ inbox: Inbox) {
        self.inbox = inbox
    }

    func note(history: RecordingStatus) { change { $0.history = history } }

    func note(file: RecordingStatus?) {
        change { parts in
            parts.file = file
            parts.failure = nil
        }
    }

    func note(failure: RecordingError) { change { $0.failure = failure } }

    private func change(_ body: (inout Parts) -> Void) {
        let status = parts.withLock { parts in
            body(&parts)
            var status = parts.history
            // The screen shows what the private history holds, and how the file does.
            if let file = parts.file {
                status.file = file.file
                status.startedAt = file.startedAt
                status.bytes = file.bytes
                status.problem = file.problem ?? status.problem
                status.advice = file.problem == nil ? status.advice : file.advice
            }
            if let failure = parts.failure {
                status.problem = failure.what
                status.advice = failure.advice
            }
            return status
        }
        inbox.post(status)
    }
}
