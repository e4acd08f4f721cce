import Experiments
import Foundation

@testable import TopCore

extension SampleRows {
    private static let variants: [(experiment: String, title: String, wrong: [String], right: [String])] = [
        (
            "broker-restart", "An order service and a broker that goes away", ["fragile"], ["robust"]
        ),
        ("closed-channel-in-pool", "A pool that hands out closed channels", ["naive"], ["validated"]),
        ("publisher-confirms", "Messages lost without publisher confirms", ["unconfirmed"], ["confirmed"]),
        (
            "shared-connection", "One connection shared by producers", ["unguarded"],
            ["locked", "channel-per-producer", "connection-per-producer", "library"]
        ),
    ]

    /// One variant has run to its end, one is running, the others were not run here.
    static func lab(at: Date) -> ListPart<LabRow> {
        var rows = variants.flatMap { item -> [LabRow] in
            let variants = (item.wrong + item.right).map { variant in
                ExperimentDescription.Variant(
                    name: variant,
                    what: item.right.contains(variant)
                        ? "Waits for each confirm, and publishes again what got none."
                        : "Publishes and does not look back.",
                    expectation: item.right.contains(variant) ? "Nothing is lost." : "Some messages are lost.",
                    isCure: item.right.contains(variant))
            }
            var experiment = ExperimentDescription(
                name: item.experiment, title: item.title,
                story: "Producers publish while the broker is stopped and started three times.", variants: variants,
                settings: [
                    .init("producers", .integer(10), "tasks that publish"),
                    .init("stop-for", .number(2), "seconds the broker is away"),
                ])
            // The deadline, which every experiment has.
            experiment.settings.removeLast()
            return variants.map { LabRow(number: 0, experiment, $0, run: run(item.experiment, $0.name, at)) }
        }
        for index in rows.indices { rows[index].number = index + 1 }
        return ListPart(at: at, rows: rows)
    }

    private static func run(_ experiment: String, _ variant: String, _ at: Date) -> LabRunPart? {
        switch (experiment, variant) {
        case ("publisher-confirms", "unconfirmed"):
            var run = LabRunPart(phase: .ended(.pass, why: ""), startedAt: at.addingTimeInterval(-90), seconds: 41.2)
            run.counts.published = 3_001
            run.counts.consumed = 2_874
            run.counts.distinct = 2_874
            run.counts.lost = 0
            run.counts.missing = 127
            run.counts.errors = 12
            run.expectations = [
                .init(what: "some messages are missing", holds: true, found: "127 of 3,001"),
                .init(what: "no message comes twice", holds: true, found: "0 duplicates"),
            ]
            run.lines = [.init(at: 8, kind: .fault(until: nil), text: "the broker is stopped for 2.0 s")]
            return run
        case ("broker-restart", "robust"):
            var run = LabRunPart(startedAt: at.addingTimeInterval(-12), seconds: 12.4)
            run.counts.published = 412
            run.counts.confirmed = 409
            run.counts.consumed = 396
            run.counts.distinct = 396
            run.counts.errors = 1
            run.faults = ["the broker is killed"]
            run.depths = ["orders": 13]
            run.publishRate = 38
            run.consumeRate = 36
            run.channels = [
                .init(connection: "order-service", number: 1, state: "recovering", unacked: 0, unconfirmed: 3),
                .init(connection: "order-service", number: 2, state: "recovering", unacked: 10, unconfirmed: 0),
            ]
            run.lines = [
                .init(at: 2, kind: .note, text: "orders are being placed, 40 a second"),
                .init(at: 9.1, kind: .fault(until: nil), text: "the broker is killed"),
                .init(
                    at: 9.2, kind: .error(scope: .connection, code: nil, count: 1), application: "order-service",
                    text: "the connection was lost"),
            ]
            return run
        default: return nil
        }
    }
}
