import Foundation
import Screen

@testable import TopCore

extension Sample {
    /// The Client view with an attached process beside rabbittop's own connections, which speaks or has fallen silent.
    static func attached(silentFor silence: Double = 0, size: Size) -> State {
        var state = state(.client, size: size)
        var part = SampleRows.client(at: ago(0.2))
        part.rows =
            part.rows.filter { $0.name == "rabbittop watch" }
            + attachedRows(at: ago(0.4 + silence), isCurrent: silence == 0)
        part.total = part.rows.count
        let name = "unix:/run/shop/client.sock"
        let source = SourceStatus(
            name: .attached, state: silence > 0 ? .stale : .live, lastSuccess: ago(0.4 + silence),
            problem: silence > 0 ? "nobody listens at \(name)" : nil,
            advice: silence > 0 ? "Start the process, or check --attach." : nil, interval: 1)
        _ = update(&state, .snapshot(.client(part)), at: now)
        _ = update(&state, .snapshot(.sources(state.sources + [source])), at: now)
        return state
    }

    /// - Parameter isCurrent: what it said long ago is compared with nothing.
    private static func attachedRows(at: Date, isCurrent: Bool) -> [ClientRow] {
        func row(channel: Int? = nil, epoch: UInt64 = 0) -> ClientRow {
            var row = ClientRow(
                id: ClientRowID(connection: 1, channel: channel, epoch: epoch, isAttached: true), connection: billing,
                state: "open")
            row.process = "billing (4711)"
            row.at = at
            row.name = "invoices"
            row.channel = channel
            row.channelState = channel == nil ? nil : "open"
            row.inFlight = 0
            row.unconfirmed = 0
            row.unacked = 0
            row.consumers = 0
            row.brokerAgrees = isCurrent ? true : nil
            return row
        }
        var connection = row()
        connection.pools = [
            ClientPool(
                name: "publishers", size: 8, open: 3, inUse: 2, idle: 1, waiting: 4, discarded: 1, timeouts: 2,
                longestWait: 1.25)
        ]
        var pooled = row(channel: 1, epoch: 1)
        pooled.pool = "publishers"
        var busy = row(channel: 2, epoch: 2)
        busy.unconfirmed = 12
        guard isCurrent else { return [connection, pooled, busy] }
        pooled.brokerAgrees = false
        pooled.disagreement = "open here, unknown to the broker"
        var strange = row(channel: 9)
        strange.isHeld = false
        strange.channelState = nil
        strange.brokerAgrees = false
        strange.brokerState = "running"
        strange.disagreement = "open at the broker, unknown here"
        return [connection, pooled, busy, strange]
    }
}
