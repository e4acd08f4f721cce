import Foundation
import Names
import Synchronization
import TopCore

/// The health of each data source, posted to the inbox whenever it changes.
final class SourceHealth: Sendable {
    struct Key: Hashable {
        var name: SourceName
        var node: Name?
    }

    /// What went wrong with a source.
    struct Trouble: Sendable, Equatable {
        var state: SourceStatus.State
        var problem: String
        var advice: String?
    }

    private let inbox: Inbox
    private let statuses = Mutex<[Key: SourceStatus]>([:])

    init(inbox: Inbox) {
        self.inbox = inbox
    }

    var all: [SourceStatus] {
        statuses.withLock { Self.sorted($0) }
    }

    func status(_ name: SourceName, node: Name? = nil) -> SourceStatus? {
        statuses.withLock { $0[Key(name: name, node: node)] }
    }

    func set(
        _ name: SourceName, node: Name? = nil, _ state: SourceStatus.State, _ problem: String? = nil,
        advice: String? = nil, interval: Double? = nil
    ) {
        change(name, node) { status in
            status.state = state
            status.problem = problem
            status.advice = advice
            status.interval = interval ?? status.interval
        }
    }

    func answered(
        _ name: SourceName, node: Name? = nil, at: Date, interval: Double, problem: String? = nil,
        advice: String? = nil
    ) {
        change(name, node) { status in
            status.state = .live
            status.lastSuccess = at
            status.problem = problem
            status.advice = advice
            status.interval = interval
        }
    }

    /// Sets or clears what a live source does not answer; the time of its last answer stays.
    func limit(_ name: SourceName, _ trouble: Trouble?) {
        guard status(name)?.state == .live else { return }
        change(name, nil) { status in
            status.problem = trouble?.problem
            status.advice = trouble?.advice
        }
    }

    /// Records a failure. A source that answered before becomes stale; one that never did takes the trouble's own
    /// state.
    func failed(_ name: SourceName, node: Name? = nil, _ trouble: Trouble) {
        change(name, node) { status in
            status.state =
                trouble.state == .unreachable && status.lastSuccess != nil ? .stale : trouble.state
            status.problem = trouble.problem
            status.advice = trouble.advice
        }
    }

    /// Marks a source as off because nothing needs it; then it is not polled and its silence has no meaning. A failing
    /// source keeps its state.
    ///
    /// - Parameter evenDenied: whether a refusal is forgotten, too.
    func rest(_ name: SourceName, node: Name? = nil, evenDenied: Bool = false) {
        guard let state = status(name, node: node)?.state, state == .live || (evenDenied && state == .denied) else {
            return
        }
        set(name, node: node, .off)
    }

    /// Removes a source that does not belong to a node.
    func remove(_ name: SourceName) {
        let list = statuses.withLock { statuses -> [SourceStatus]? in
            statuses.removeValue(forKey: Key(name: name, node: nil)).map { _ in Self.sorted(statuses) }
        }
        if let list { inbox.post(.sources(list)) }
    }

    /// Removes the nodes that are no longer polled.
    func keep(_ name: SourceName, nodes: Set<Name>) {
        let list = statuses.withLock { statuses -> [SourceStatus]? in
            let gone = statuses.keys.filter { $0.name == name && $0.node.map { !nodes.contains($0) } ?? false }
            for key in gone { statuses[key] = nil }
            return gone.isEmpty ? nil : Self.sorted(statuses)
        }
        if let list { inbox.post(.sources(list)) }
    }

    private func change(_ name: SourceName, _ node: Name?, _ body: (inout SourceStatus) -> Void) {
        let list = statuses.withLock { statuses -> [SourceStatus]? in
            let key = Key(name: name, node: node)
            let before = statuses[key]
            var status = before ?? SourceStatus(name: name, node: node, state: .connecting)
            body(&status)
            guard status != before else { return nil }
            statuses[key] = status
            return Self.sorted(statuses)
        }
        if let list { inbox.post(.sources(list)) }
    }

    private static func sorted(_ statuses: [Key: SourceStatus]) -> [SourceStatus] {
        let places = Dictionary(uniqueKeysWithValues: SourceName.allCases.enumerated().map { ($1, $0) })
        return statuses.values.sorted {
            ($0.name == $1.name ? ($0.node ?? "") < ($1.node ?? "") : places[$0.name] ?? 0 < places[$1.name] ?? 0)
        }
    }
}
