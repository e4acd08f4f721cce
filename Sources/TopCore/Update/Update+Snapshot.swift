import Faults
import Foundation

extension State {
    mutating func take(_ snapshot: Snapshot) {
        switch snapshot {
        case .cluster(let part): take(part)
        case .vhosts(let names): vhosts = names
        case .sources(let sources):
            self.sources = sources
            interruptHistory()
        case .cost(let cost): self.cost = cost
        case .faults(let faults): note(faults)
        case .configuration(let part): configuration = part
        case .route(let answer): routeAnswer = answer
        case .incoming(let part): take(part)
        case .queueDepths where !options.keepsQueues, .queuesLive where !options.keepsQueues,
            .queuesRich where !options.keepsQueues:
            break
        // While frozen the screen does not change; the rows are polled again when it continues.
        case .queueDepths, .queuesLive, .queuesRich, .connections, .channels, .consumers, .exchanges, .client, .lab,
            .detail, .named:
            if frozenAt == nil { takeRows(snapshot) }
        }
        diagnose(snapshot)
    }

    private mutating func takeRows(_ snapshot: Snapshot) {
        switch snapshot {
        case .queueDepths(let part):
            queues.merge(part, reporters: &queueReporters, now: now)
            noteReport(part)
            for id in interest?.queues ?? [] { recordQueue(id) }
        case .queuesLive(let part):
            queues.merge(part, now: now)
            for depth in part.depths { recordQueue(depth.id) }
        case .queuesRich(let part):
            queues.merge(part, now: now)
            // The background tells the details of all queues; of many, the curves are those on the screen.
            let shown = part.queues.count > Self.watchedQueues ? Set(interest?.queues ?? []) : nil
            for queue in part.queues where shown?.contains(queue.depth.id) ?? true {
                recordQueue(queue.depth.id)
            }
        case .connections(let part):
            // A connection opened after the end of another of the same name is a new connection.
            for row in part.rows {
                if let since = row.connectedAt { endedConnections.forget(row.name, endedBefore: since) }
            }
            let part = living(part) { $0.name }
            let before = Set(connections.places.keys)
            guard shows(part, in: .connections) else { break }
            connections.replace(part, now: now)
            removeOrphans(of: part, before: before)
            for row in charted(connections) {
                history.record(.connection(row.name), .receiveRate, row.receiveRate, at: part.at)
                history.record(.connection(row.name), .sendRate, row.sendRate, at: part.at)
            }
        case .channels(let part):
            guard shows(part, in: .channels) else { break }
            let part = living(part) { $0.id.connection }
            channels.replace(part, now: now)
            completeConsumers()
            for row in charted(channels) {
                let subject = History.Subject.channel(row.id)
                history.record(subject, .unacked, row.unacked, at: part.at)
                history.record(subject, .publishRate, row.publishRate, at: part.at)
                history.record(subject, .deliverRate, row.deliverRate, at: part.at)
                history.record(subject, .ackRate, row.ackRate, at: part.at)
            }
        case .consumers(let part):
            guard shows(part, in: .consumers) else { break }
            let part = living(part) { $0.id.connection }
            identifyNewConsumers(of: part)
            consumers.replace(part, now: now)
            completeConsumers()
        case .exchanges(let part):
            guard shows(part, in: .exchanges) else { break }
            exchanges.replace(part, now: now)
        case .client(let part): client.replace(part, now: now)
        case .lab(let part):
            lab.replace(part, now: now)
            for row in part.rows {
                guard let run = row.run, run.phase == .running else { continue }
                recordLab(row.id, run, at: part.at)
            }
        case .detail(let part):
            guard part.row == selectedID else { break }
            if part.isGone { apply(.end(part.row, at: part.at), to: view) }
            // The details of an ended row stay.
            if !isSelectedEnded { detail = part }
        case .named(let part): named.take(part, now: now)
        case .cluster, .vhosts, .sources, .cost, .faults, .configuration, .route, .incoming: break
        }
        switch snapshot {
        case .queueDepths, .queuesLive, .queuesRich: countMessages()
        default: break
        }
    }

    /// Recognizes consumers that are listed with their channel now. The broker does not report the channel of one that
    /// has just begun.
    private mutating func identifyNewConsumers(of part: ListPart<ConsumerRow>) {
        let fresh = consumers.rows.filter { $0.id.channel == nil }
        guard !fresh.isEmpty else { return }
        let listed = Set(part.rows.map(\.id))
        for row in fresh where !listed.contains(row.id) {
            let same = part.rows.filter {
                $0.id.queue == row.id.queue && $0.id.tag == row.id.tag && $0.id.channel != nil
            }
            if same.count == 1 { consumers.rename(row.rowID, to: same[0]) }
        }
    }

    private mutating func take(_ part: ClusterPart) {
        cluster = part
        let overview = part.overview
        countMessages()
        history.record(.cluster, .publishRate, overview.publishRate, at: part.at)
        history.record(.cluster, .deliverRate, overview.deliverRate, at: part.at)
        history.record(.cluster, .ackRate, overview.ackRate, at: part.at)
        history.record(.cluster, .consumers, overview.consumers, at: part.at)
        for node in part.nodes {
            history.record(.node(node.name), .memory, node.memory, at: part.at)
            history.record(.node(node.name), .diskFree, node.diskFree, at: part.at)
        }
        if !part.nodes.isEmpty {
            queues.forgetReports(queueReporters.forget(nodesBut: Set(part.nodes.map(\.name))))
        }
        if frozenAt == nil { showNodes() }
    }

    /// Fills the nodes table from the cluster's part, which is also updated while the screen is frozen.
    mutating func showNodes() {
        guard let cluster else { return }
        nodes.replace(with: cluster.nodes, total: cluster.nodes.count, at: cluster.at, now: now)
    }

    private mutating func recordLab(_ id: LabRowID, _ run: LabRunPart, at: Date) {
        let subject = History.Subject.lab(id, startedAt: run.startedAt)
        history.record(subject, .ready, run.depths.isEmpty ? nil : Int.sum(run.depths.values), at: at)
        history.record(subject, .publishRate, run.publishRate, at: at)
        history.record(subject, .deliverRate, run.consumeRate, at: at)
    }

    /// Returns the selected row and the one that is compared with it.
    private func charted<Row>(_ table: Table<Row>) -> [Row] {
        let other = compared.flatMap { $0 == table.selectedID ? nil : table.row($0) }
        return [table.selected, other].compactMap { $0 }
    }

    /// Adds the figures of a queue to the history, each at the time when it was measured.
    private mutating func recordQueue(_ id: EntityID) {
        guard let row = queues.row(.queue(id)) else { return }
        let subject = History.Subject.queue(id)
        func record(_ metric: History.Metric, _ figure: Measured<Int>?) {
            if let figure { history.record(subject, metric, figure.value, at: figure.at) }
        }
        record(.ready, row.ready)
        record(.unacked, row.unacked)
        record(.consumers, row.consumers)
        guard let details = row.details, let detailsAt = row.detailsAt else { return }
        history.record(subject, .publishRate, details.publishRate, at: detailsAt)
        history.record(subject, .deliverRate, details.deliverRate, at: detailsAt)
        history.record(subject, .ackRate, details.ackRate, at: detailsAt)
        history.record(subject, .redeliverRate, details.redeliverRate, at: detailsAt)
    }

    mutating func take(entries: [LedgerEntry], dropped: UInt64) {
        for entry in entries { ledger.record(entry) }
        noteEnds(entries)
        diagnose(entries)
        if dropped > 0 { ledger.noteDropped(dropped) }
        if frozenAt == nil, !entries.isEmpty { showEvents() }
    }

    mutating func take(_ reports: [LedgerReport]) {
        var isChanged = false
        noteEnds(
            reports.compactMap { report in
                if case .entry(let entry) = report { entry } else { nil }
            })
        diagnose(
            reports.compactMap { report in
                if case .entry(let entry) = report { entry } else { nil }
            })
        for report in reports {
            if !ledger.take(report).isEmpty { isChanged = true }
            // Links of earlier entries may have been added with it.
            if case .activity = report { continue }
            isChanged = true
        }
        if frozenAt == nil, isChanged { showEvents() }
    }
}

extension Table where Row: Equatable {
    mutating func replace(_ part: ListPart<Row>, now: Date) {
        replace(with: part.rows, total: part.total, undecodable: part.undecodable, at: part.at, now: now)
    }
}
