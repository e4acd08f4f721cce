import Faults
import Foundation
import LocalBroker
import Names
import RabbitMQManagement
import Testing

@testable import BrokerOperations

@Suite struct FaultJournalTests {
    private let broker = BrokerIdentity(ManagementAddress(port: 15672), cluster: "rabbit@a")

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rabbittop-journal-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.appending(path: "state/rabbittop/faults.jsonl").path)
    }

    private func repair(_ number: Int) -> BrokerRepair {
        .vhostLimit(.maxQueues, vhost: "v\(number)", was: nil, set: number)
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func entriesAreThisUsersAloneAndLeaveAgain() async throws {
        try await withFolder { path in
            let journal = FaultJournal(path: path)
            let first = try await journal.add(repair(1), of: "vhost-limit", on: broker)
            let second = try await journal.add(repair(2), of: "vhost-limit", on: broker)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try text(path).split(separator: "\n").count == 2)
            try await journal.remove(first)
            #expect(try text(path).contains("v2") && !text(path).contains("v1"))
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            try await journal.remove(second)
            #expect(!FileManager.default.fileExists(atPath: path))
            try await journal.remove(second)
        }
    }

    @Test func everyRepairIsReadAsItWasWritten() async throws {
        try await withFolder { path in
            let right = BrokerRepair.Rights(
                PermissionInfo(user: "u", vhost: "/", configure: "^\"a\n", write: "", read: ".*"))
            let repairs: [BrokerRepair] = [
                .policy(vhost: "/", queue: "注文", name: "rabbittop-fault-ttl-1"),
                .vhostLimit(.maxConnections, vhost: "/", was: 5, set: 0),
                .userLimit(.maxChannels, user: "u", was: nil, set: 1),
                .permission(user: "u", vhost: "/", was: right, set: nil),
                .permission(user: "w", vhost: "/", was: right, set: right),
            ]
            let journal = FaultJournal(path: path)
            for repair in repairs { _ = try await journal.add(repair, of: "fault", on: broker) }
            let read = try await JournalFile(path: path).read()
            #expect(read.map(\.repair) == repairs)
            #expect(read.allSatisfy { $0.owner.isAlive && $0.broker == broker })
        }
    }

    @Test func halfALineAndStrangersLinesHarmNothing() async throws {
        try await withFolder { path in
            let journal = FaultJournal(path: path)
            let first = try await journal.add(repair(1), of: "vhost-limit", on: broker)
            try (text(path) + "{\"from\":\"tomorrow\"}\n{\"id\":\"hal").write(
                toFile: path, atomically: false, encoding: .utf8)
            _ = try await journal.add(repair(2), of: "vhost-limit", on: broker)
            #expect(try await JournalFile(path: path).read().map(\.repair) == [repair(1), repair(2)])
            try await journal.remove(first)
            #expect(try await JournalFile(path: path).read().map(\.repair) == [repair(2)])
            #expect(try text(path).contains("tomorrow"))
        }
    }

    @Test func manyAtOnceEatNothingOfEachOther() async throws {
        try await withFolder { path in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let journal = FaultJournal(path: path)
                        let id = try await journal.add(repair(number), of: "vhost-limit", on: broker)
                        if number % 2 == 0 { try await journal.remove(id) }
                    }
                }
                try await group.waitForAll()
            }
            let left = try await JournalFile(path: path).read()
            #expect(Set(left.map(\.repair)) == Set((0..<40).filter { $0 % 2 == 1 }.map(repair)))
        }
    }

    @Test func theSameThingIsNotChangedTwice() async throws {
        try await withFolder { path in
            let current = try #require(JournalEntry.Owner.current)
            var dead = current
            dead.boot = "another boot"
            var other = current
            other.process = try #require(ProcessIdentity(id: getppid()))
            for (owner, advice) in [
                (current, "Undo that first."), (dead, "left behind"), (other, "process \(getppid())"),
            ] {
                let repair = BrokerRepair.userLimit(
                    .maxChannels, user: "u \(advice)", was: nil, set: 1)
                _ = try await FaultJournal(path: path, owner: owner).add(repair, of: "user-limit", on: broker)
                let error = await #expect(throws: FaultError.self) {
                    try await FaultJournal(path: path).add(repair, of: "user-limit", on: broker)
                }
                #expect(error?.advice.contains(advice) == true)
                // On another broker it is another thing.
                let elsewhere = BrokerIdentity(ManagementAddress(port: 15672), cluster: "rabbit@b")
                _ = try await FaultJournal(path: path).add(repair, of: "user-limit", on: elsewhere)
            }
        }
    }

    @Test func aFolderThatCannotBeWrittenIsSaid() async throws {
        let error = await #expect(throws: FaultError.self) {
            try await FaultJournal(path: "/proc/no/faults.jsonl").add(repair(1), of: "vhost-limit", on: broker)
        }
        #expect(error?.advice.contains("XDG_STATE_HOME") == true)
    }

    @Test func itLiesWhereStateBelongs() {
        #expect(
            FaultJournal.standard(environment: ["XDG_STATE_HOME": "/s", "HOME": "/h"]).path
                == "/s/rabbittop/faults.jsonl")
        #expect(
            FaultJournal.standard(environment: ["XDG_STATE_HOME": "s", "HOME": "/h"]).path
                == "/h/.local/state/rabbittop/faults.jsonl")
    }

    @Test func oneBrokerHasOneIdentity() {
        #expect(
            BrokerIdentity(ManagementAddress(host: "localhost"), cluster: "c")
                == BrokerIdentity(ManagementAddress(host: "127.0.0.1"), cluster: "c"))
        #expect(
            BrokerIdentity(ManagementAddress(host: "a"), cluster: "c")
                != BrokerIdentity(ManagementAddress(host: "b"), cluster: "c"))
    }

    @Test func aPolicyMatchesOneNameAlone() throws {
        let name = "a.b*c+[d](e){f}|g^$h\\i?#-j"
        let pattern = ListQuery.pattern(for: Name(name)).text
        let expression = try Regex(pattern)
        #expect(name.wholeMatch(of: expression) != nil)
        #expect(ListQuery.pattern(for: "orders") == "^orders$")
        #expect("aXb*c".firstMatch(of: try Regex(ListQuery.pattern(for: "a.b*c").text)) == nil)
    }
}
