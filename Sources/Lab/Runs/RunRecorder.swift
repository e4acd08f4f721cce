import AMQPProxy
import Foundation
import Names
import RabbitMQClient
import Synchronization

/// Everything that happens in a run, from any task or thread. Ids of messages are the experiment's own.
///
/// Once it is closed nothing more is written into it: what applications meet while they are put away is not part of the
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

    /// Texts beyond so many different ones are counted together.
    private static let mostErrors = 100
    /// Errors that read the same within this time are one moment of the timeline.
    fileprivate static let together = 0.25
    fileprivate static let mostMoments = 4_000
    /// Beyond so many every second one goes.
    private static let mostSamples = 4_000

    public init() {}

    // MARK: Messages

    public func published(_ id: some NameConvertible) { write { $0.tally.published(id.asName) } }
    public func confirmed(_ id: some NameConvertible) { write { $0.tally.confirmed(id.asName) } }
    public func nacked(_ id: some NameConvertible) { write { state in state.tally.nacked() } }
    public func returned(_ id: some NameConvertible) { write { state in state.tally.returned() } }
    public func indeterminate(_ id: some NameConvertible) { write { state in state.tally.indeterminate() } }
    public func consumed(_ id: some NameConvertible) { write { $0.tally.consumed(id.asName) } }
    public func expired(_ id: some NameConvertible) { write { $0.tally.expired(id.asName) } }

    // MARK: Errors

    /// An error that an application met.
    ///
    /// - Parameter code: the AMQP reply code where there is one.
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

    /// An error of any kind, taken apart where it is of AMQP.
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

    /// Marks a fault on the timeline; it is in force until `ended()` is called.
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

    /// An application works again.
    ///
    /// - Parameter seconds: from the fault's beginning.
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

    /// Something worth saying: on the timeline, and as the run's progress.
    public func note(_ text: String) {
        announce { state, now in
            state.append(LabMoment(at: now, kind: .note, text: text))
            state.say(text)
        }
    }

    /// What this experiment alone has to tell, by a name in snake_case.
    public func detail(_ key: String, _ value: LabValue) {
        write { $0.details[key] = value }
    }

    // MARK: Curves

    /// The depth of this queue is looked at all the time from now on. Not for a queue that expires: being looked at counts
    /// as use.
    public func watch(queue: String) {
        write { if !$0.watched.contains(where: queue.hasSameBytes) { $0.watched.append(queue) } }
    }

    var watchedQueues: [String] { state.withLock { $0.watched } }

    /// How many messages are in each queue at this moment.
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

    /// Everything until now.
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

    /// The numbers until now, without `lost` and `missing`, which take a walk through all messages.
    public var counts: LabCounts { state.withLock { $0.tally.counts } }

    /// Seconds from the start.
    public var seconds: Double { state.withLock { $0.seconds } }

    /// How it stands whenever something happens, four times a second at least; ends when the book is closed. Who listens too
    /// slowly gets the latest.
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

    /// The experiment begins now.
    func begin() {
        state.withLock { $0.began = .now }
    }

    /// Nothing more is written.
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

/// A fault that is in force.
public struct LabFault: Sendable {
    private let recorder: RunRecorder
    public let name: String
    private let index: Int?
    private let began = ContinuousClock.now

    fileprivate init(recorder: RunRecorder, name: String, index: Int?) {
        self.recorder = recorder
        self.name = name
        self.index = index
    }

    /// It is over. Only the first call counts.
    public func ended() {
        if let index { recorder.ended(index) }
    }

    /// Seconds since it began.
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
