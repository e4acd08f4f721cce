import Faults
import Foundation
import Screen

@testable import TopCore

extension Sample {
    /// A fault that struck two applications, of which one works again; and what the rules find wrong.
    static func told(_ view: ViewID, size: Size) -> State {
        var state = Sample.state(view, size: size)
        let orders = "10.0.4.31:40100 -> 10.0.0.5:5672"
        func clientIdentity(_ name: String, _ connection: String, _ channel: Int?) -> ClientIdentity {
            ClientIdentity(connection: connection, clientName: name, user: "shop", vhost: "/", channel: channel)
        }
        func activity(_ age: Double, _ name: String, _ connection: String, _ kind: ApplicationActivity.Kind)
            -> LedgerReport
        {
            .activity(
                ApplicationActivity(
                    at: ago(age), connection: connection, clientName: name, user: "shop", vhost: "/", channel: 1,
                    kind: kind, redelivered: kind == .consumed && age < 30 ? 12 : 0))
        }
        func tell(_ reports: [LedgerReport], _ age: Double) {
            _ = update(&state, .reports(reports), at: ago(age))
        }
        tell(
            [
                activity(60, "orders-service", orders, .consumed),
                activity(60, "shipping-worker-1", shipping.text, .published),
            ], 60)
        let fault = Fault("reset-connection", on: FaultSelector(user: "shop"))
        let record = FaultRecord(
            id: 4, fault: fault, since: ago(24).timeIntervalSince1970, until: nil, state: .done,
            note: "reset 2 connections")
        tell(
            [
                .touch(FaultTouch(at: ago(24), clientIdentity("orders-service", orders, nil)), fault: record.label),
                .touch(
                    FaultTouch(at: ago(24), clientIdentity("shipping-worker-1", shipping.text, nil)),
                    fault: record.label),
                .fault(record, at: ago(24)),
            ], 23.9)
        let lost = LedgerEntry(
            at: ago(23.98), kind: .error, scope: .connection, connection: orders, clientName: "orders-service",
            user: "shop", vhost: "/", peer: "10.0.4.31:40100", text: "Connection reset by peer", source: .proxy)
        _ = update(&state, .entries([lost], dropped: 0), at: ago(23.7))
        let later = "10.0.4.31:40177 -> 10.0.0.5:5672"
        tell(
            [
                activity(21.6, "orders-service", later, .connected),
                activity(21.6, "orders-service", later, .channelOpened),
                activity(21.5, "orders-service", later, .consumed),
            ], 21.5)
        var blocked = ConnectionRow(name: shipping)
        blocked.clientName = "shipping-worker-1"
        blocked.state = "blocked"
        _ = update(&state, .snapshot(.connections(ListPart(at: ago(3), rows: [blocked]))), at: ago(3))
        _ = update(&state, .tick, at: now)
        return state
    }
}

extension State {
    mutating func type(filter: String) {
        press(.character("/"))
        for character in filter { press(.character(character)) }
        press(.enter)
    }
}
