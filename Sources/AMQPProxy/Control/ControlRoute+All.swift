import AMQPWire
import Faults
import Foundation
import HTTPTypes
import Hummingbird

extension ControlRoute {
    private static let session = Parameter(
        name: "session", place: "path", type: "integer", help: "The session's number.")
    private static let fault = Parameter(name: "fault", place: "path", type: "integer", help: "The fault's number.")
    private static let code = Parameter(
        name: "code", place: "query", type: "integer",
        help: "The AMQP reply code; 406 for a channel, 320 for a connection.")
    private static let text = Parameter(name: "text", place: "query", type: "string", help: "The reply text.")

    static let all: [ControlRoute] = sessions + faults + ledger

    // MARK: Sessions

    private static let sessions: [ControlRoute] = [
        ControlRoute(
            method: .get, path: "/sessions", summary: "Every connection that passes through the proxy.",
            parameters: [
                Parameter(name: "after", place: "query", type: "integer", help: "Only sessions with a larger id.")
            ],
            answer:
                "Sessions with their channels; where a header 'Link' names a next part, those are not all, and where "
                + "'next' of a session does, not all of its channels."
        ) { request, controller in
            let (page, isWhole) = await controller.server.reports(after: try request.integer("after") ?? 0)
            return .page(
                page.map(ControlSession.init), next: isWhole ? nil : page.last.map { "/sessions?after=\($0.id)" })
        },
        ControlRoute(
            method: .get, path: "/sessions/{session}", summary: "One session.",
            parameters: [
                session,
                Parameter(
                    name: "after", place: "query", type: "integer", help: "Only channels with a larger number."),
            ],
            answer: "The session with its channels; where a header 'Link' names a next part, those are not all."
        ) { request, controller in
            let row = ControlSession(try await found(request, controller, after: try request.integer("after") ?? 0))
            return .page(row, next: row.next)
        },
        ControlRoute(
            method: .delete, path: "/sessions/{session}", summary: "Close a connection towards both sides.",
            parameters: [session, code, text], answer: "The fault's record.", status: .created
        ) { request, controller in
            let report = try await found(request, controller)
            return try await inject(
                closing(
                    CloseConnectionFault.self, request, FaultSelector(connection: report.connection ?? report.peer)),
                controller)
        },
        ControlRoute(
            method: .delete, path: "/sessions/{session}/channels/{channel}",
            summary: "Close one channel, as if the other side had closed it.",
            parameters: [
                session,
                Parameter(name: "channel", place: "path", type: "integer", help: "The channel's number."), code, text,
                Parameter(
                    name: "towards", place: "query", type: "string", help: "Who is told: client, broker or both."),
            ], answer: "The fault's record.", status: .created
        ) { request, controller in
            let report = try await found(request, controller)
            let number: Int = try request.integer("channel") ?? 0
            let selector = FaultSelector(connection: report.connection ?? report.peer, channel: number)
            return try await inject(closing(CloseChannelFault.self, request, selector), controller)
        },
    ]

    private static func found(
        _ request: ControlRequest, _ controller: ProxyController, after channel: UInt16 = 0
    ) async throws -> SessionReport {
        let id: UInt64 = try request.integer("session") ?? 0
        guard let report = await controller.server.report(of: id, after: channel) else {
            throw ControlProblem(.notFound, "There is no such session.", "GET /sessions lists them.")
        }
        return report
    }

    private static func closing(
        _ declared: any DeclaredFault.Type, _ request: ControlRequest, _ selector: FaultSelector
    ) throws -> Fault {
        var fault = Fault(declared, on: selector)
        if let code: Int = try request.integer("code") { fault.parameters["code"] = .integer(code) }
        for name in ["text", "towards"] {
            if let value = request.parameters[name] { fault.parameters[name] = .text(value) }
        }
        return fault
    }

    // MARK: Faults

    private static let faults: [ControlRoute] = [
        ControlRoute(
            method: .get, path: "/catalogue", summary: "Every fault that can be injected here.",
            answer: "Faults with their parameters, what they do, and what the application will see."
        ) { _, controller in
            .json(FaultCatalogue.all.filter { controller.registry.injectionPoints.contains($0.injectionPoint) })
        },
        ControlRoute(
            method: .get, path: "/faults", summary: "The faults that were injected, newest last.", answer: "Records."
        ) { _, controller in .json(await controller.registry.records.map(FaultRow.init)) },
        ControlRoute(
            method: .post, path: "/faults", summary: "Inject a fault.", body: "Fault", answer: "Its record.",
            status: .created
        ) { request, controller in try await inject(request.decode(Fault.self), controller) },
        ControlRoute(
            method: .get, path: "/faults/{fault}", summary: "One fault and what followed from it.",
            parameters: [fault], answer: "Its record, its effects, and the recovery of each application."
        ) { request, controller in
            let record = try await record(request, controller)
            let ledger = await controller.ledger
            return .json(
                FaultDetail(
                    record: FaultRow(record), effects: Array(ledger.effects(of: record.label).prefix(mostEntries)),
                    recoveries: ledger.recoveries(of: record.label).map(RecoveryRow.init)))
        },
        ControlRoute(
            method: .delete, path: "/faults/{fault}", summary: "Undo a fault.", parameters: [fault],
            answer: "Its record."
        ) { request, controller in
            let record = try await record(request, controller)
            return .json(FaultRow(try await controller.registry.undo(record.id)))
        },
        ControlRoute(
            method: .delete, path: "/faults", summary: "Undo all faults that are in force.",
            answer: "Records of those that could not be undone: they are tried again."
        ) { _, controller in .json(await controller.registry.undoAll().map(FaultRow.init)) },
    ]

    private static func inject(_ fault: Fault, _ controller: ProxyController) async throws -> ControlAnswer {
        do throws(FaultError) {
            return .json(FaultRow(try await controller.registry.inject(fault)), .created)
        } catch  where error.kind == .tooMany {
            throw ControlProblem(.tooManyRequests, error.problem, "DELETE /faults undoes them.")
        }
    }

    private static func record(_ request: ControlRequest, _ controller: ProxyController) async throws -> FaultRecord {
        let id: UInt64? = try request.integer("fault")
        guard let record = await controller.registry.records.first(where: { $0.id == id }) else {
            throw ControlProblem(.notFound, "There is no such fault.", "GET /faults lists them.")
        }
        return record
    }

    private struct FaultDetail: Encodable {
        var record: FaultRow
        var effects: [LedgerEntry]
        var recoveries: [RecoveryRow]
    }

    // MARK: The ledger

    private static let after = Parameter(
        name: "after", place: "query", type: "integer", help: "Only entries with a larger id.")

    /// The highest number of ledger entries in one answer.
    private static let mostEntries = 1_000

    private static let ledger: [ControlRoute] = [
        ControlRoute(
            method: .get, path: "/ledger", summary: "Faults, errors and recoveries, oldest first.",
            parameters: [
                after,
                Parameter(name: "limit", place: "query", type: "integer", help: "The most entries, up to 1000."),
            ], answer: "Entries; where a header 'Link' names a next part, those are not all."
        ) { request, controller in
            let after: UInt64 = try request.integer("after") ?? 0
            let limit = min(max(0, try request.integer("limit") ?? mostEntries), mostEntries)
            let ledger = await controller.ledger
            let entries = ledger.entries(after: after, most: limit, room: 1 << 21)
            let isWhole = entries.last.map { $0.id + 1 >= ledger.oldestID + UInt64(ledger.count) } ?? true
            return .page(
                entries, next: isWhole ? nil : entries.last.map { "/ledger?after=\($0.id)&limit=\(limit)" })
        },
        ControlRoute(
            method: .get, path: "/events",
            summary:
                "A stream of entries as they are made: a JSON object a line, or server-sent events where asked for.",
            parameters: [after],
            answer: "A stream that does not end, unless its reader falls so far behind that entries are lost.",
            answerType: "application/x-ndjson"
        ) { request, controller in
            guard let place = request.followers.enter() else {
                throw ControlProblem(
                    .serviceUnavailable, "\(request.followers.limit) readers follow the events already.",
                    "Ask GET /ledger?after=ID from time to time instead.")
            }
            let feed = await controller.feed(after: try request.integer("after"))
            return .feed(feed, place, asEvents: request.accepts.contains("text/event-stream"))
        },
        ControlRoute(
            method: .get, path: "/openapi.json", summary: "This description.", answer: "OpenAPI 3.1."
        ) { _, _ in .text(ControlDescription.json) },
    ]
}
