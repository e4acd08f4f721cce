import Foundation
import Names
import Testing
import TopCore

@testable import Recorder

/// What the user may not see from some moment on is unknown, and not gone.
@Suite struct UnknownConfigurationTests {
    private static let shop = ConfigurationItem(.policy, vhost: "shop", name: "ttl", value: "ttl 1000")
    private static let other = ConfigurationItem(.policy, vhost: "/", name: "ha", value: "ha all")
    private static let flag = ConfigurationItem(.featureFlag, name: "quorum_queue", value: "enabled")

    private func at(_ seconds: Double) -> Date { noon.addingTimeInterval(seconds) }

    private func report(
        _ recorder: Recorder, at seconds: Double, hidden: [Name], unknown: Set<ConfigurationItem.Kind> = [],
        vhosts: [Name]
    ) {
        let now = at(seconds)
        var cluster = ClusterPart(at: now, name: "prod")
        cluster.hiddenVhosts = hidden
        recorder.take(.cluster(cluster), at: now)
        let ids = vhosts.map { EntityID(vhost: $0, name: "q") }
        recorder.take(
            .queueDepths(
                QueueDepthsPart(at: now, source: .management, depths: ids.map { QueueDepth(id: $0, ready: 1) })),
            at: now)
        recorder.take(
            .exchanges(ListPart(at: now, rows: ids.map { ExchangeRow(id: $0) }, isWhole: true)), at: now)
        let items = [Self.shop, Self.other, Self.flag].filter { item in
            !unknown.contains(item.kind) && item.vhost.map(vhosts.contains) ?? true
        }
        recorder.take(.configuration(ConfigurationPart(at: now, items: items, unknown: unknown)), at: now)
    }

    private func difference(_ recorder: Recorder, from: Double, to: Double) throws -> Difference {
        Difference(
            from: try #require(try recorder.reader.moment(at: at(from))),
            to: try #require(try recorder.reader.moment(at: at(to))))
    }

    @Test func aVhostThatIsHiddenIsUnknownAndOneThatIsDeletedIsGone() throws {
        let recorder = try Recorder.temporary()
        report(recorder, at: 0, hidden: [], vhosts: ["/", "shop"])
        report(recorder, at: 5, hidden: ["shop"], vhosts: ["/"])
        report(recorder, at: 10, hidden: [], vhosts: ["/", "shop"])
        report(recorder, at: 15, hidden: [], vhosts: ["/"])
        recorder.flush()
        let hidden = try difference(recorder, from: 1, to: 6)
        #expect(hidden.isEmpty, "\(hidden.text())")
        #expect(hidden.unknown.contains("queues and exchanges of vhost 'shop' were not known at the later time"))
        let shown = try difference(recorder, from: 6, to: 11)
        #expect(shown.isEmpty, "\(shown.text())")
        #expect(try difference(recorder, from: 1, to: 11).isEmpty)
        let deleted = try difference(recorder, from: 11, to: 16)
        #expect(Set(deleted.gone.map(\.what)) == [.queue, .exchange, .configured(.policy)])
        #expect(deleted.gone.allSatisfy { $0.vhost == "shop" })
        // The file says so, too: a queue that is gone is listed 0, one that is unknown is not.
        let listed = try recorder.reader.store.database.read { database in
            try Int?.fetchAll(database, sql: "SELECT listed FROM queue_history WHERE vhost = 'shop' ORDER BY at_ms")
        }
        #expect(listed == [1, nil, 1, 0])
    }

    @Test func aKindThatMayNotBeReadAnyMoreIsUnknown() throws {
        let folder = try TestFolder()
        let path = folder.file("r.sqlite")
        var recorder = try Recorder.file(path)
        report(recorder, at: 0, hidden: [], vhosts: ["/", "shop"])
        report(recorder, at: 5, hidden: [], unknown: [.policy, .parameter], vhosts: ["/", "shop"])
        recorder.flush()
        let difference = try difference(recorder, from: 1, to: 6)
        #expect(difference.isEmpty, "\(difference.text())")
        #expect(difference.unknown.contains("policies were not known at the later time"))
        #expect(difference.unknown.contains("parameters were not known at the later time"))
        #expect(try recorder.reader.moment(at: at(6))?.configuration?.unknown == [.policy, .parameter])
        // Another run of the recorder knows it, too, until the lists can be read again.
        recorder.close()
        recorder = try Recorder.file(path)
        report(recorder, at: 10, hidden: [], unknown: [.parameter], vhosts: ["/", "shop"])
        recorder.flush()
        let later = try #require(try recorder.reader.moment(at: at(11))?.configuration)
        #expect(later.unknown == [.parameter] && Set(later.items) == [Self.shop, Self.other, Self.flag])
        recorder.close()
    }
}
