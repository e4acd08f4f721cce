import Foundation
import Glibc

/// A private, temporary RabbitMQ node in a folder of its own, on the loopback interface, run by any user.
///
/// A node made with `Options.endsWithProcess` is removed, with its folder, within seconds after this process has ended
/// in any way, or after the last reference to the node was released; `remove()` does that immediately.
///
///     let node = try await BrokerNode.start()
///     print(node.amqpURI)
///     try await node.rabbitmqctl(["add_vhost", "orders"])
///     await node.remove()
public actor BrokerNode {
    /// The folder that contains everything of the node.
    public nonisolated var directory: URL { folder.url }
    /// The node's name, `x@localhost`.
    public nonisolated let name: String
    /// The ports that the node listens on.
    public nonisolated let ports: Ports
    /// The enabled plugins.
    public nonisolated let plugins: Set<Plugin>
    /// Whether the node has a TLS listener.
    public nonisolated let hasTLS: Bool

    nonisolated let folder: BrokerFolder
    nonisolated let id: String
    nonisolated let installation: BrokerInstallation

    var process: BrokerProcess?
    var guardian: Guardian?
    var isStarting = false

    private let portsAreReserved: Bool

    init(
        record: BrokerRecord, folder: BrokerFolder, installation: BrokerInstallation, guardian: Guardian?,
        portsAreReserved: Bool
    ) {
        self.portsAreReserved = portsAreReserved
        self.folder = folder
        self.installation = installation
        self.guardian = guardian
        id = record.id
        name = record.node
        ports = record.ports
        plugins = record.plugins
        hasTLS = record.tls
        process = record.process.map(BrokerProcess.foreign)
    }

    /// Starts a node and returns when it is ready: AMQP answers, and so do the management API and Prometheus if they
    /// are enabled. The log exchange appears later: see ``waitForLogExchange(deadline:)``.
    ///
    /// - Throws: `BrokerNodeError` if RabbitMQ is not installed, the folder cannot be used, the node's process ends
    ///   before it is ready (immediately, with the end of its log), the deadline passes, or the task is cancelled.
    public static func start(_ options: Options = Options()) async throws(BrokerNodeError) -> BrokerNode {
        let installation = try BrokerInstallation.find(options.installation)
        if let directory = options.directory, BrokerFolder(directory).hasRecord {
            let node = try open(directory: directory)
            try await node.start(deadline: options.deadline, guarded: options.endsWithProcess)
            return node
        }
        var attempt = 1
        while true {
            do {
                return try await startNew(options, installation: installation)
            } catch {
                guard options.ports == nil, attempt < 4, error.code == .portInUse else { throw error }
                attempt += 1
            }
        }
    }

    /// Opens a node that another process started, or this one earlier, by its folder. It need not be running.
    public static func open(directory: URL) throws(BrokerNodeError) -> BrokerNode {
        let folder = BrokerFolder(directory)
        let record = try folder.readRecord()
        let installation = try BrokerInstallation.find(URL(fileURLWithPath: record.installation, isDirectory: true))
        return BrokerNode(
            record: record, folder: folder, installation: installation, guardian: nil, portsAreReserved: false)
    }

    /// Starts the node again after `stop()` or `kill()`, with the same data and ports.
    public func start(deadline: Duration = .seconds(240)) async throws(BrokerNodeError) {
        try await start(deadline: deadline, guarded: false)
    }

    /// Shuts the node down in order and keeps its data; a frozen node is continued first. A node that does not end
    /// before the deadline is killed.
    public func stop(deadline: Duration = .seconds(30)) async throws(BrokerNodeError) {
        let process = try runningProcess()
        process.signal(SIGTERM)
        process.signal(SIGCONT)
        if await !process.ended(within: deadline) {
            process.signal(SIGKILL)
            await process.ended(within: .seconds(10))
        }
    }

    /// Kills the node's process with SIGKILL, as in a crash; its data are kept.
    public func kill() async throws(BrokerNodeError) {
        let process = try runningProcess()
        process.signal(SIGKILL)
        await process.ended(within: .seconds(10))
    }

    /// Stops the node's process with SIGSTOP: connections stay open, and nothing answers.
    public func freeze() async throws(BrokerNodeError) {
        let process = try runningProcess()
        process.signal(SIGSTOP)
        await process.becomes(.frozen)
    }

    /// Continues a frozen node with SIGCONT.
    public func thaw() async throws(BrokerNodeError) {
        let process = try runningProcess()
        process.signal(SIGCONT)
        await process.becomes(.running)
    }

    /// Shuts the node down if it runs, and starts it with the same data and ports.
    public func restart(deadline: Duration = .seconds(240)) async throws(BrokerNodeError) {
        if status != .stopped { try await stop() }
        try await start(deadline: deadline)
    }

    /// Kills every process that the node started, and removes its folder.
    public func remove() async {
        let guardian = self.guardian ?? Guardian.start(folder: folder, id: id)
        self.guardian = nil
        await guardian?.finish()
        process = nil
        if portsAreReserved { PortFinder.release(ports) }
    }

    /// Whether the node's process runs, is stopped by a signal, or has ended.
    public var status: Status { process?.status ?? .stopped }

    /// The process id of the node (`beam.smp`); nil if it does not run.
    public var processIdentifier: Int32? { status == .stopped ? nil : process?.identifier }

    func runningProcess() throws(BrokerNodeError) -> BrokerProcess {
        guard let process, process.status != .stopped else {
            throw BrokerNodeError(
                .notRunning, "The broker in \(folder.path) is not running.", advice: "Start it again first.")
        }
        return process
    }
}

extension BrokerNode {
    /// The AMQP URI for clients, with the user guest: `amqp://guest:guest@127.0.0.1:PORT/%2F`.
    public nonisolated var amqpURI: String { "amqp://guest:guest@127.0.0.1:\(ports.amqp)/%2F" }

    /// The URI of the TLS listener; nil without one. Its certificate is valid for `localhost` and `127.0.0.1`.
    public nonisolated var amqpsURI: String? {
        hasTLS ? "amqps://guest:guest@localhost:\(ports.amqps)/%2F" : nil
    }

    /// The base URL of the management HTTP API, `http://127.0.0.1:PORT`; nil if the plugin is not enabled.
    public nonisolated var managementURL: URL? {
        plugins.contains(.management) ? URL(string: "http://127.0.0.1:\(ports.management)") : nil
    }

    /// The base URL of the Prometheus endpoint, `http://127.0.0.1:PORT`; nil if the plugin is not enabled.
    public nonisolated var prometheusURL: URL? {
        plugins.contains(.prometheus) ? URL(string: "http://127.0.0.1:\(ports.prometheus)") : nil
    }

    /// The certificates and keys; nil without a TLS listener.
    public nonisolated var tlsFiles: TLSFiles? { hasTLS ? folder.tlsFiles : nil }

    /// The node's own log file.
    public nonisolated var logFile: URL { folder.log(of: name) }
}
