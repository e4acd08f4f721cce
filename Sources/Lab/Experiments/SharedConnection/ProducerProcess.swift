import Foundation
import Glibc
import LocalBroker
import Names
import RabbitMQClient
import Synchronization

/// A producer in a process of its own: the program rabbittop, called with ``command``.
public enum ProducerProcess {
    /// The hidden subcommand.
    public static let command = "lab-producer"
    /// The environment variable with the order; an argument could be read by every user of the machine.
    public static let variable = "RABBITTOP_LAB_PRODUCER"

    /// What a producer is to do.
    struct Order: Codable, Sendable {
        var uri: String
        var password: String
        var producer: Int
        var messages: Int
        var size: Int
        var exchange: String
        /// The file in which it counts its publishes: readable while it runs, and if it is terminated.
        var count: String

        init(
            _ configuration: ConnectionConfiguration, producer: Int, messages: Int, size: Int, exchange: String,
            count: String
        ) {
            uri = configuration.uri
            password = configuration.password
            self.producer = producer
            self.messages = messages
            self.size = size
            self.exchange = exchange
            self.count = count
        }
    }

    /// What a producer did.
    struct Report: Codable, Sendable {
        var producer: Int
        var published: Int
        /// When it began, in seconds since 1970.
        var begun: Double
        var ended: Double
        var error: String?
        var code: Int?
    }

    // MARK: The lab's side

    /// Starts a producer and waits for its report. It is terminated with the task.
    static func start(_ order: Order, program: String) async -> Result<Report, LabError> {
        var environment = ProcessInfo.processInfo.environment
        environment[variable] = (try? JSONEncoder().encode(order)).map { String(decoding: $0, as: UTF8.self) }
        do throws(BrokerNodeError) {
            let output = try await ChildCommand(executable: program, arguments: [command], environment: environment)
                .run(deadline: .seconds(3_600))
            if let report = try? JSONDecoder().decode(Report.self, from: Data(output.standardOutput.utf8)) {
                return .success(report)
            }
            let words = output.standardError.lineList.last { !$0.isEmpty }.map(String.init) ?? "it said nothing"
            return .failure(LabError(.failed, "A producer's process ended with \(output.status): \(words)"))
        } catch {
            return .failure(LabError(error))
        }
    }

    // MARK: The producer's side

    /// Carries out the order in the environment, and returns the report to print.
    ///
    /// - Throws: `usage` if there is no order, because only the lab calls this.
    public static func run() async throws(LabError) -> String {
        let text = ProcessInfo.processInfo.environment[variable] ?? ""
        guard let order = try? JSONDecoder().decode(Order.self, from: Data(text.utf8)) else {
            throw LabError(
                .usage, "'\(command)' is part of 'rabbittop lab run shared-connection', and cannot be called by itself."
            )
        }
        guard let count = SharedCount(path: order.count) else {
            throw LabError(.failed, "The file \(order.count) cannot be used: \(String(cString: strerror(errno))).")
        }
        var report = Report(
            producer: order.producer, published: 0, begun: Date().timeIntervalSince1970, ended: 0)
        do throws(ClientError) {
            var configuration = try ConnectionConfiguration(uri: order.uri)
            configuration.password = order.password
            configuration.recovery = .off
            let connection = try await Connection.connect(configuration)
            let channel = try await connection.openChannel()
            report.begun = Date().timeIntervalSince1970
            while report.published < order.messages {
                let id = "\(order.producer)-\(report.published)"
                count.set(report.published + 1)
                try await channel.publishUnconfirmed(
                    ByteBuffer(string: OrderBody.text(id, size: order.size)), exchange: order.exchange,
                    routingKey: OrderRoute.routingKey, properties: BasicProperties(messageID: id))
                report.published += 1
            }
            // The close is answered after everything before it has been processed.
            try await channel.close()
            report.ended = Date().timeIntervalSince1970
            await connection.close()
        } catch {
            report.ended = Date().timeIntervalSince1970
            report.published = count.value
            report.error = error.closeReason?.description ?? error.description
            report.code = error.closeReason.map { Int($0.code) }
        }
        return (try? JSONEncoder().encode(report)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

/// A number in a file that two processes have mapped: one counts, the other reads.
final class SharedCount: @unchecked Sendable {
    // Mapped for the lifetime of this object, and accessed only atomically.
    private let place: UnsafeMutablePointer<Atomic<Int>>

    private static let size = MemoryLayout<Atomic<Int>>.size

    /// - Parameter path: the file, which is created with 0 if it does not exist.
    /// - Returns: nil if the file cannot be created or mapped; `errno` contains the reason.
    init?(path: String) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        defer { Glibc.close(file) }
        // A file that grows is filled with zeros; one of this size stays as it is.
        guard ftruncate(file, off_t(Self.size)) == 0,
            let memory = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), memory != MAP_FAILED
        else { return nil }
        place = memory.bindMemory(to: Atomic<Int>.self, capacity: 1)
    }

    var value: Int { place.pointee.load(ordering: .acquiring) }

    func set(_ value: Int) { place.pointee.store(value, ordering: .releasing) }

    deinit { munmap(place, Self.size) }
}
