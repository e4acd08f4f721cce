import AMQPProxy
import Experiments
import Foundation
import Names
import RabbitMQClient
import Synchronization

/// Records everything that happens in a run, from any task or thread. The experiment chooses the ids of messages.
///
/// After `close` nothing more is recorded: what applications meet while they are shut down is not part of the
/// experiment.
public final class RunRecorder: Sendable {
    fileprivate struct State {
        var began = ContinuousClock.now
        var ended: Double?
        var tally = MessageTally()
        var errors: [LabErrorEntry] = []
        var recoveries: [LabRecovery] = []
        var details: [String: LabValue] = [:]
        var timeline: [LabMoment] = []
        var samples: [LabSample] = []
        var depths: [String: Int] = [:]
        var watched: [String] = []
        var saying = ""
        var lines = 0
        var listeners: [Int: AsyncStream<LabProgress>.Continuation] = [:]
        var nextListener = 0
    }

    private let state = Mutex(State())

    /// The highest number of different texts; further ones are counted together.
    private static let mostErrors = 100
    /// The seconds within which errors with the same text are one event of the timeline.
    fileprivate static let together = 0.25
    fileprivate static let mostMoments = 4_000
    /// The highest number of samples; beyond it every second one is removed.
    private static let mostSamples = 4_000

    /// Creates an empty recorder.
    public init() {}

    // MARK: Messages

    /// Records a publish of a message.
    public func published(_ id: some NameConvertible) { write { $0.tally.published(id.asName) } }
    /// Records that the broker confirmed a message.
    public func confirmed(_ id: some NameConvertible) { write { $0.tally.confirmed(id.asName) } }
    /// Records a `basic.nack`.
    public func nacked(_ id: some NameConvertible) { write { state in state.tally.nacked() } }
    /// Records a `basic.return`.
    public func returned(_ id: some NameConvertible) { write { state in state.tally.returned() } }
    /// Records a publish of which it is not known whether it arrived.
    public func indeterminate(_ id: some NameConvertible) { write { state in state.tally.indeterminate() } }
    /// Records a delivery of a message.
    public func consumed(_ id: some NameConvertible) { write { $0.tally.consumed(id.asName) } }
    /// Records that a message expired.
    public func expired(_ id: some NameConvertible) { write { $0.tally.expired(id.asName) } }

    // MARK: Errors

    /// Records an error that an application met.
    ///
    /// - Parameter code: the AMQP reply code, if there is one.
    public func error(_ scope: LabErrorEntry.Scope, code: Int?, text: String, application: String) {
        announce { state, now in
            state.tally.error()
            let index = state.errors.firstIndex {
                $0.scope == scope && $0.code == code && $0.text.hasSameBytes(as: text)
            }
            if let index {
                state.errors[index].count += 1
            } else if state.errors.count < Self.mostErrors {
                state.errors.append(
                    LabErrorEntry(scope: scope, code: code, text: text, count: 1, application: application))
            } else if let other = state.errors.firstIndex(where: { $0.text.hasSameBytes(as: Self.others) }) {
                state.errors[other].count += 1
            } else {
                state.errors.append(
                    LabErrorEntry(scope: scope, code: nil, text: Self.others, count: 1, application: application))
            }
            state.note(error: scope, code: code, text: text, application: application, at: now)
        }
    }

    private static let others = "others"

    /// Records an error of any type, with reply code and text if it is an AMQP error.
    public func error(_ error: any Error, application: String) {
        switch error {
        case let error as ClientError: self.error(error, application: application)
        case let error as RawPeerError: self.error(error, application: application)
        default: self.error(.client, code: nil, text: "\(error)", application: application)
        }
    }

    private func error(_ error: ClientError, application: String) {
        if let reason = error.closeReason {
            let scope: LabErrorEntry.Scope = reason.scope == .channel ? .channel : .connection
            self.error(
                scope, code: reason.code == 0 ? nil : Int(reason.code), text: reason.words, application: application)
        } else if let returned = error.returned {
            self.error(.client, code: Int(returned.code), text: returned.text, application: application)
        } else {
            self.error(.client, code: nil, text: error.description, application: application)
        }
    }

    private func error(_ error: RawPeerError, application: String) {
        let text = error.description
        switch error {
        case .connectionClosed(let close):
            self.error(.connection, code: Int(close.replyCode.rawValue), text: text, application: application)
        case .channelClosed(_, let close):
            self.error(.channel, code: Int(close.replyCode.rawValue), text: text, application: application)
        case .unreachable, .ended, .silent, .wire:
            self.error(.connection, code: nil, text: text, application: application)
        }
    }

    // MARK: What was done, and what followed

    /// Records a fault on the timeline; it is in force until `ended()` is called.
    @discardableResult
    public func fault(_ name: String) -> LabFault {
        var index: Int?
        announce { state, now in
            index = state.timeline.count
            state.timeline.append(LabMoment(at: now, kind: .fault(until: nil), text: name))
            state.say(name)
        }
        return LabFault(recorder: self, name: name, index: index)
    }

    fileprivate func ended(_ index: Int) {
        announce { state, now in
            guard state.timeline.indices.contains(index), case .fault(until: nil) = state.timeline[index].kind else {
                return
            }
            state.timeline[index].kind = .fault(until: now)
        }
    }

    /// Records that an application works again.
    ///
    /// - Parameter seconds: the seconds from the fault's beginning.
    public func recovered(_ application: String, from fault: String, seconds: Double) {
        announce { state, now in
            state.recoveries.append(LabRecovery(application: application, fault: fault, seconds: seconds))
            let text =
                "\(application) works again, \(LabValue.figure((seconds * 100).rounded() / 100)) s after \(fault)"
            state.append(
                LabMoment(at: now, kind: .recovery(seconds: seconds), application: application, text: text))
            state.say(text)
        }
    }

    /// Records a note on the timeline, and as the run's progress.
    public func note(_ text: String) {
        announce { state, now in
            state.append(LabMoment(at: now, kind: .note, text: text))
            state.say(text)
        }
    }

    /// Records a value that only this experiment has, by a name in snake_case.
    public func detail(_ key: String, _ value: LabValue) {
        write { $0.details[key] = value }
    }

    // MARK: Curves

    /// Records the depth of this queue continuously from now on. Not for a queue that expires, because reading its
    /// depth counts as use.
    public func watch(queue: String) {
        write { if !$0.watched.contains(where: queue.hasSameBytes) { $0.watched.append(queue) } }
    }

    var watchedQueues: [String] { state.withLock { $0.watched } }

    /// Records the current number of messages in each queue.
    public func sample(depth: [String: Int]) {
        announce { state, now in
            state.depths = depth
            let counts = state.tally.counts
            state.samples.append(
                LabSample(
                    at: now, depths: depth, published: counts.attempts, confirmed: counts.confirmed,
                    consumed: counts.consumed, errors: counts.errors))
            guard state.samples.count > Self.mostSamples else { return }
            state.samples = state.samples.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
        }
    }

    // MARK: Reading

    /// Everything recorded so far.
    public var ledger: LabLedger {
        state.withLock { state in
            var ledger = LabLedger()
            ledger.missing = state.tally.missing
            ledger.lost = state.tally.lost
            ledger.counts = state.tally.counts
            ledger.counts.missing = ledger.missing.count
            ledger.counts.lost = ledger.lost.count
            ledger.errors = state.errors
            ledger.recoveries = state.recoveries
            ledger.details = state.details
            ledger.timeline = state.timeline.sorted { $0.at < $1.at }
            ledger.samples = state.samples
            ledger.seconds = state.seconds
            return ledger
        }
    }

    /// The counts so far, without `lost` and `missing`, which require a pass over all messages.
    public var counts: LabCounts { state.withLock { $0.tally.counts } }

    /// The seconds from the start.
    public var seconds: Double { state.withLock { $0.seconds } }

    /// The progress whenever something happens, at least four times per second; ends when the recorder is closed. A
    /// slow reader receives the latest values.
    public var changes: AsyncStream<LabProgress> {
        let (stream, continuation) = AsyncStream.makeStream(of: LabProgress.self, bufferingPolicy: .bufferingNewest(64))
        let id: Int? = state.withLock { state in
            guard state.ended == nil else { return nil }
            state.nextListener += 1
            state.listeners[state.nextListener] = continuation
            return state.nextListener
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: id) }
        }
        return stream
    }

    // MARK: Life

    /// Starts the clock of the experiment.
    func begin() {
        state.withLock { $0.began = .now }
    }

    /// Stops recording.
    func close() {
        let listeners = state.withLock { state in
            if state.ended == nil { state.ended = state.seconds }
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }

    private func write(_ change: (inout State) -> Void) {
        state.withLock { state in
            if state.ended == nil { change(&state) }
        }
    }

    private func announce(_ change: (inout State, Double) -> Void) {
        let (progress, listeners) = state.withLock { state in
            if state.ended == nil { change(&state, state.seconds) }
            return (state.progress, Array(state.listeners.values))
        }
        for listener in listeners { listener.yield(progress) }
    }
}

/// A fault in force.
public struct LabFault: Sendable {
    private let recorder: RunRecorder
    /// The fault's name.
    public let name: String
    private let index: Int?
    private let began = ContinuousClock.now

    fileprivate init(recorder: RunRecorder, name: String, index: Int?) {
        self.recorder = recorder
        self.name = name
        self.index = index
    }

    /// Records the end of the fault. Only the first call counts.
    public func ended() {
        if let index { recorder.ended(index) }
    }

    /// The seconds since it began.
    public var seconds: Double { (ContinuousClock.now - began) / .seconds(1) }
}

extension RunRecorder.State {
    fileprivate var seconds: Double { ended ?? (ContinuousClock.now - began) / .seconds(1) }

    fileprivate var progress: LabProgress {
        let faults = timeline.compactMap { moment -> String? in
            if case .fault(until: nil) = moment.kind { moment.text } else { nil }
        }
        return LabProgress(
            seconds: seconds, counts: tally.counts, depths: depths, faults: faults, saying: saying, lines: lines)
    }

    fileprivate mutating func say(_ text: String) {
        saying = text
        lines += 1
    }

    fileprivate mutating func append(_ moment: LabMoment) {
        if timeline.count < RunRecorder.mostMoments { timeline.append(moment) }
    }

    fileprivate mutating func note(
        error scope: LabErrorEntry.Scope, code: Int?, text: String, application: String, at now: Double
    ) {
        let recent = timeline.indices.reversed().prefix(16).first { index in
            guard case .error(scope, code, _) = timeline[index].kind else { return false }
            return timeline[index].text.hasSameBytes(as: text) && now - timeline[index].at < RunRecorder.together
        }
        if let recent, case .error(_, _, let count) = timeline[recent].kind {
            timeline[recent].kind = .error(scope: scope, code: code, count: count + 1)
        } else {
            append(
                LabMoment(
                    at: now, kind: .error(scope: scope, code: code, count: 1), application: application, text: text))
        }
    }
}
