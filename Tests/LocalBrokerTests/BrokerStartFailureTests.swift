import BrokerSupport
import Foundation
import LocalBroker
import Testing

@Suite struct BrokerStartFailureTests {
    @Test func aBadConfigurationIsReportedWithTheBrokersOwnWordsLongBeforeTheDeadline() async throws {
        let began = ContinuousClock.now
        let error = try await failure(
            .init {
                $0.configuration = ["no_such_setting.at_all = 1"]
                $0.deadline = .seconds(120)
            })
        #expect(error.code == .exited)
        #expect(error.output.contains("no_such_setting"))
        #expect(ContinuousClock.now - began < .seconds(60))
    }

    @Test func theDeadlineEndsAStartAndLeavesNothing() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("rabbittop-deadline"))
        let error = try await failure(
            .init {
                $0.directory = directory
                $0.deadline = .milliseconds(300)
            })
        #expect(error.code == .deadline)
        #expect(Traces(directory: directory.path).all() == [])
    }

    @Test func aCancelledStartLeavesNothing() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("rabbittop-cancel"))
        let start = Task { try await BrokerNode.start(.init { $0.directory = directory }) }
        let record = directory.appendingPathComponent("broker.json").path
        while !FileManager.default.fileExists(atPath: record) { try await Task.sleep(for: .milliseconds(10)) }
        start.cancel()
        let error = await #expect(throws: BrokerNodeError.self) { _ = try await start.value }
        #expect(error?.code == .cancelled)
        #expect(Traces(directory: directory.path).all() == [])
    }

    @Test func aPortThatIsTakenIsReportedWhenItWasAskedFor() async throws {
        let taken = try await TestBroker.shared().node.ports
        let error = try await failure(.init { $0.ports = taken })
        #expect(error.code == .portInUse)
        // Nothing of the node that had the ports was touched.
        #expect(try await TestBroker.shared().management("GET", "overview").status == 200)
    }

    @Test func aFolderWithOtherThingsInItIsLeftAlone() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("rabbittop-other"))
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appendingPathComponent("precious")
        try Data("mine".utf8).write(to: file)
        let error = try await failure(.init { $0.directory = directory })
        #expect(error.code == .folder)
        #expect(FileManager.default.contents(atPath: file.path) == Data("mine".utf8))
    }

    @Test(arguments: ["it's", "a\"b", "two\nlines", "bell\u{7}"])
    func aFolderThatRabbitMQCannotWorkWithIsRefusedAtOnce(name: String) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("rabbittop") + name)
        let error = try await failure(.init { $0.directory = directory })
        #expect(error.code == .folder && error.message.contains("RabbitMQ cannot work with"))
        #expect(!FileManager.default.fileExists(atPath: directory.path))
    }

    @Test func aMachineWithoutRabbitMQIsTold() async throws {
        let error = try await failure(.init { $0.installation = URL(fileURLWithPath: "/nowhere") })
        #expect(error.code == .notInstalled)
        #expect(error.message.contains("/nowhere"))
        #expect(error.advice.contains("RABBITTOP_RABBITMQ_SBIN"))
    }

    private func failure(_ options: BrokerNode.Options) async throws -> BrokerNodeError {
        try #require(
            await #expect(throws: BrokerNodeError.self) { await (try BrokerNode.start(options)).remove() })
    }
}
