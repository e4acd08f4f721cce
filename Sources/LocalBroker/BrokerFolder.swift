import Foundation
import Glibc

/// The folder of a node: the layout, and the files that are written before the node starts.
struct BrokerFolder: Sendable {
    let url: URL

    init(_ url: URL) {
        self.url = url.standardizedFileURL
    }

    /// Returns a folder that does not exist yet, in the temporary folder.
    static func temporary(id: String) -> BrokerFolder {
        BrokerFolder(FileManager.default.temporaryDirectory.appendingPathComponent("rabbittop-broker-\(id)"))
    }

    /// Checks the temporary folder, which is the default location of a node's folder, and throws what is wrong with it.
    static func checkTemporary() throws(BrokerNodeError) {
        let given = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
        let path = given.isEmpty ? FileManager.default.temporaryDirectory.path : given
        let advice = "Set TMPDIR to a folder that exists and that you may write to, or name one with --directory."
        var found = stat()
        guard stat(path, &found) == 0 else {
            throw BrokerNodeError(
                .folder, "The temporary folder \(path) (TMPDIR) cannot be used: \(String(cString: strerror(errno))).",
                advice: advice)
        }
        guard found.st_mode & S_IFMT == S_IFDIR else {
            throw BrokerNodeError(.folder, "\(path) (TMPDIR) is no folder.", advice: advice)
        }
        guard access(path, W_OK | X_OK) == 0 else {
            throw BrokerNodeError(
                .folder, "The temporary folder \(path) (TMPDIR) cannot be used: \(String(cString: strerror(errno))).",
                advice: advice)
        }
        do throws(BrokerNodeError) {
            try temporary(id: "0123456789abcdef").checkPath()
        } catch {
            var error = error
            error.advice = "Set TMPDIR to another folder, or name one with --directory."
            throw error
        }
    }

    /// Checks the path. RabbitMQ's scripts split a path at quotes, and a node in such a folder would never become
    /// ready.
    func checkPath() throws(BrokerNodeError) {
        let wrong = path.unicodeScalars.first { $0 == "'" || $0 == "\"" || $0.value < 0x20 || $0.value == 0x7F }
        if let wrong {
            let name = wrong == "'" || wrong == "\"" ? "a quote (\(wrong))" : "a control character"
            throw BrokerNodeError(
                .folder, "The folder \(path) has \(name) in its path, which RabbitMQ cannot work with.",
                advice: "Name another folder.")
        }
        // The files that the node creates in it have names of their own.
        guard path.utf8.count <= Int(PATH_MAX) - 512 else {
            throw BrokerNodeError(
                .folder, "The path of the folder has \(path.utf8.count) bytes, too many for what a broker makes in it.",
                advice: "Name a folder nearer to the root.")
        }
    }

    var path: String { url.path }
    var hasRecord: Bool { FileManager.default.fileExists(atPath: file("broker.json")) }
    var output: String { file("output.log") }
    var tlsFiles: BrokerNode.TLSFiles {
        let tls = url.appendingPathComponent("tls", isDirectory: true)
        return BrokerNode.TLSFiles(
            authority: tls.appendingPathComponent("ca.pem"),
            serverCertificate: tls.appendingPathComponent("server.pem"),
            serverKey: tls.appendingPathComponent("server-key.pem"),
            clientCertificate: tls.appendingPathComponent("client.pem"),
            clientKey: tls.appendingPathComponent("client-key.pem"))
    }

    func log(of node: String) -> URL {
        url.appendingPathComponent("log/\(node).log")
    }

    /// Returns the environment variable by which the guardian recognizes a process of this node.
    static func mark(_ id: String) -> String { "RABBITTOP_BROKER_ID=\(id)" }

    static func randomHex(digits: Int) -> String {
        String((0..<digits).compactMap { _ in "0123456789abcdef".randomElement() })
    }

    // MARK: Reading

    func readRecord() throws(BrokerNodeError) -> BrokerRecord {
        guard let data = FileManager.default.contents(atPath: file("broker.json")) else {
            throw BrokerNodeError(
                .folder, "There is no broker in \(path).", advice: "Name the folder that broker start printed.")
        }
        do {
            return try JSONDecoder().decode(BrokerRecord.self, from: data)
        } catch {
            throw BrokerNodeError(
                .folder, "\(file("broker.json")) cannot be read.",
                advice: "Remove the folder, and start a broker in another.")
        }
    }

    /// Returns the entries of the node's log and of its output.
    func words(of node: String) -> [[Substring]] {
        [log(of: node).path, output].compactMap { path in
            FileManager.default.contents(atPath: path)
                .map { String(decoding: $0, as: UTF8.self).split(whereSeparator: \.isNewline) }
        }
    }

    /// Returns why the node did not start, from its log: from the first error on, up to the crash reports of the
    /// processes that ended with it; without an error, the end of the log.
    func lastWords(of node: String) -> String {
        words(of: node).flatMap { lines in
            let first = lines.firstIndex { line in
                ["[error]", "[critical]", "BOOT FAILED"].contains { line.contains($0) }
            }
            guard let first else { return lines.suffix(25) }
            let reason = lines[first...].prefix { line in
                !line.contains("    supervisor: ") && !line.contains("  crasher:")
            }
            return reason.prefix(25)
        }.joined(separator: "\n")
    }

    // MARK: Writing

    /// Creates the folder, accessible to this user only, or takes an empty one, and writes the mark into it.
    func create(id: String) throws(BrokerNodeError) {
        if mkdir(path, 0o700) != 0 {
            let reason = String(cString: strerror(errno))
            let contents = try? FileManager.default.contentsOfDirectory(atPath: path)
            guard let contents else {
                throw BrokerNodeError(
                    .folder, "The folder \(path) cannot be made: \(reason).",
                    advice: "Name a folder in one that exists and that you may write to.")
            }
            guard contents.isEmpty else {
                throw BrokerNodeError(
                    .folder, "The folder \(path) is not empty, and holds no broker.",
                    advice: "Name a new or an empty folder.")
            }
        }
        try write(Self.mark(id) + "\n", to: "broker.id")
    }

    func write(_ record: BrokerRecord) throws(BrokerNodeError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(record) else {
            throw BrokerNodeError(.folder, "The state of the broker in \(path) cannot be written.")
        }
        try write(String(decoding: data, as: UTF8.self) + "\n", to: "broker.json")
    }

    func writeConfiguration(_ options: BrokerNode.Options, record: BrokerRecord) throws(BrokerNodeError) {
        for name in ["data", "log", "schema", "generated"] {
            guard mkdir(file(name), 0o700) == 0 || errno == EEXIST else {
                throw BrokerNodeError(
                    .folder, "\(file(name)) cannot be made: \(String(cString: strerror(errno))).",
                    advice: "Check whether the disk is full.")
            }
        }
        try write(options.cookie ?? Self.randomHex(digits: 32), to: ".erlang.cookie", mode: 0o400)
        try write("", to: "env.conf")
        let plugins = record.plugins.map(\.rawValue).sorted().joined(separator: ",")
        try write("[\(plugins)].\n", to: "enabled_plugins")
        try write("[\(options.advancedTerms.joined(separator: ",\n "))].\n", to: "advanced.config")
        try write(configuration(options, record: record), to: "rabbitmq.conf")
    }

    private func configuration(_ options: BrokerNode.Options, record: BrokerRecord) -> String {
        let ports = record.ports
        // The log exchange alone would switch off the level of the log file, so both are set.
        var lines = [
            "listeners.tcp.default = 127.0.0.1:\(ports.amqp)",
            "loopback_users = none",
            "log.console = false",
            "log.file.level = info",
            "log.exchange = true",
            "log.exchange.level = info",
            "disk_free_limit.absolute = \(options.diskFreeLimit)",
        ]
        if record.plugins.contains(.management) {
            lines += ["management.tcp.ip = 127.0.0.1", "management.tcp.port = \(ports.management)"]
        }
        if record.plugins.contains(.prometheus) {
            lines += ["prometheus.tcp.ip = 127.0.0.1", "prometheus.tcp.port = \(ports.prometheus)"]
        }
        if record.tls {
            lines += [
                "listeners.ssl.default = 127.0.0.1:\(ports.amqps)",
                "ssl_options.cacertfile = \(tlsFiles.authority.path)",
                "ssl_options.certfile = \(tlsFiles.serverCertificate.path)",
                "ssl_options.keyfile = \(tlsFiles.serverKey.path)",
                "ssl_options.verify = verify_peer",
                "ssl_options.fail_if_no_peer_cert = false",
            ]
        }
        return (lines + options.configuration).joined(separator: "\n") + "\n"
    }

    /// Returns the environment of the broker's scripts and of `rabbitmqctl`: nothing of this process's own environment
    /// except PATH, so that none of the user's RABBITMQ_ variables affects a private node. See
    /// https://www.rabbitmq.com/docs/configure#supported-environment-variables.
    func environment(
        node: String, ports: BrokerNode.Ports, id: String, installation: BrokerInstallation
    ) -> [String: String] {
        let inherited = ProcessInfo.processInfo.environment["PATH"].map { ":\($0)" } ?? ""
        let loopback = "-kernel inet_dist_use_interface {127,0,0,1}"
        // The Erlang VM starts a scheduler, which needs memory, for each core; a private node needs no more than four.
        let schedulers = min(4, max(1, ProcessInfo.processInfo.activeProcessorCount))
        return [
            "RABBITTOP_BROKER_ID": id,
            "HOME": path,
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin" + inherited,
            "LANG": "C.UTF-8",
            "RABBITMQ_CONF_ENV_FILE": file("env.conf"),
            "RABBITMQ_NODENAME": node,
            "RABBITMQ_DIST_PORT": String(ports.distribution),
            "RABBITMQ_MNESIA_BASE": file("data"),
            "RABBITMQ_LOG_BASE": file("log"),
            "RABBITMQ_CONFIG_FILE": file("rabbitmq"),
            "RABBITMQ_CONFIG_FILES": file("none"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": file("advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": file("enabled_plugins"),
            "RABBITMQ_SCHEMA_DIR": file("schema"),
            "RABBITMQ_GENERATED_CONFIG_DIR": file("generated"),
            "RABBITMQ_PID_FILE": file("pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "\(loopback) +S \(schedulers):\(schedulers)",
            "RABBITMQ_CTL_ERL_ARGS": "\(loopback) +S 1:1",
            // Any free port: the default range of eleven is too small for tests that run in parallel.
            "RABBITMQ_CTL_DIST_PORT_MIN": "0",
            "RABBITMQ_CTL_DIST_PORT_MAX": "0",
            "ERL_EPMD_PORT": String(ports.epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            // No crash dump of the VM when a start fails.
            "ERL_CRASH_DUMP_SECONDS": "0",
            // The script replaces itself with the Erlang VM instead of waiting for it, so the child process is the
            // node.
            "detached": "true",
        ]
    }

    private func file(_ name: String) -> String {
        url.appendingPathComponent(name).path
    }

    private func write(_ text: String, to name: String, mode: Int = 0o600) throws(BrokerNodeError) {
        // Written to a temporary file and renamed, so that no reader sees an incomplete file, and a read-only one can
        // be replaced.
        let part = file(".\(name).\(getpid())")
        let made = FileManager.default.createFile(
            atPath: part, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
        guard made, rename(part, file(name)) == 0 else {
            throw BrokerNodeError(
                .folder, "\(file(name)) cannot be written.", advice: "Check whether the disk is full.")
        }
    }
}
