import Foundation
import Glibc

extension BrokerNode {
    static func startNew(
        _ options: Options, installation: BrokerInstallation
    ) async throws(BrokerNodeError) -> BrokerNode {
        guard let ports = options.ports ?? PortFinder.find() else {
            throw BrokerNodeError(
                .notStarted, "No free ports were found on the loopback interface.",
                advice: "See what listens there: ss -ltn.")
        }
        let id = BrokerFolder.randomHex(digits: 16)
        let record = BrokerRecord(
            id: id, node: "rt\(id.prefix(8))@localhost", ports: ports, plugins: options.plugins, tls: options.tls,
            installation: installation.path)
        let folder = options.directory.map(BrokerFolder.init) ?? .temporary(id: id)
        // The guardian comes first: from here on there is nothing that it does not clean up.
        guard let guardian = Guardian.start(folder: folder, id: id) else {
            PortFinder.release(ports)
            throw noGuardian
        }
        let node = BrokerNode(record: record, folder: folder, installation: installation, guardian: guardian)
        do {
            try folder.create(id: id)
            try folder.writeConfiguration(options, record: record)
            if options.tls { try await TLSCertificates(files: folder.tlsFiles).make() }
            try await node.launch(record, deadline: options.deadline)
        } catch {
            await node.remove()
            throw error
        }
        if !options.endsWithProcess { await node.releaseGuardian() }
        return node
    }

    /// Starts the node again. - Parameter guarded: whether the node ends with this process from now on.
    func start(deadline: Duration, guarded: Bool) async throws(BrokerNodeError) {
        guard status == .stopped else {
            throw BrokerNodeError(
                .alreadyRunning, "The broker in \(folder.path) is already running.",
                advice: "Stop it first, or start one in another folder.")
        }
        let record = try folder.readRecord()
        if let running = record.process, running.state != .gone {
            process = .foreign(running)
            return try await start(deadline: deadline, guarded: guarded)
        }
        let existing = guardian
        if existing == nil {
            guard let guardian = Guardian.start(folder: folder, id: id, keepingFolder: !guarded) else {
                throw Self.noGuardian
            }
            self.guardian = guardian
        }
        do {
            try await launch(record, deadline: deadline)
        } catch {
            if existing == nil {
                // The folder is from earlier: its data survive a start that failed.
                let guardian = self.guardian
                self.guardian = nil
                process?.signal(SIGKILL)
                await process?.ended(within: .seconds(10))
                await guardian?.release()
            } else {
                process?.signal(SIGKILL)
                await process?.ended(within: .seconds(10))
            }
            throw error
        }
        if existing == nil, !guarded { await releaseGuardian() }
    }

    private func releaseGuardian() async {
        let guardian = self.guardian
        self.guardian = nil
        await guardian?.release()
    }

    /// Starts the process and waits until the node is ready.
    private func launch(_ record: BrokerRecord, deadline: Duration) async throws(BrokerNodeError) {
        let end = ContinuousClock.now + deadline
        try? FileManager.default.removeItem(at: logFile)
        try? FileManager.default.removeItem(atPath: folder.output)
        // Not in a folder that this user may not read, such as the one `su` was called in: Erlang looks around.
        let (executable, arguments) = ChildCommand.starting(installation.server, [], in: "/")
        let (environment, output) = (environment, folder.output)
        let started = await BlockingWork.run {
            Result { () throws(BrokerNodeError) in
                try SpawnedProcess(
                    executable: executable, arguments: arguments, environment: environment,
                    output: .file(output), error: .file(output))
            }
        }
        let child = try started.get()
        process = .child(child)
        var record = record
        record.process = child.identity
        try folder.write(record)
        try await becomesReady(child, end: end, deadline: deadline)
    }

    private func becomesReady(
        _ child: SpawnedProcess, end: ContinuousClock.Instant, deadline: Duration
    ) async throws(BrokerNodeError) {
        var probes: [ReadinessProbe] = []
        if plugins.contains(.management) { probes.append(.http(port: ports.management)) }
        if plugins.contains(.prometheus) { probes.append(.http(port: ports.prometheus)) }
        // The AMQP listener opens last, so that this connection, which the broker logs, is nearly always the only one.
        probes.append(.amqp(port: ports.amqp))
        if hasTLS { probes.append(.connection(port: ports.amqps)) }
        probes.append(.text("Logging to exchange", file: logFile.path))
        // Where the log's wording has changed, or options have switched the log exchange off.
        var logPatience: ContinuousClock.Instant?
        while let probe = probes.first {
            if let status = child.exitStatus {
                throw BrokerNodeError(
                    .exited, "The broker ended with exit status \(status) before it was ready.",
                    advice: "Its last words say why.", output: folder.lastWords(of: name))
            }
            if await BlockingWork.run({ probe.holds() }) {
                probes.removeFirst()
                continue
            }
            let now = ContinuousClock.now
            if case .text = probe {
                if let logPatience, now >= logPatience { break }
                logPatience = logPatience ?? now + .seconds(2)
            }
            if now >= end {
                throw BrokerNodeError(
                    .deadline, "The broker was not ready after \(deadline).",
                    advice: "Allow it more time where the machine is busy.", output: folder.lastWords(of: name))
            }
            if Task.isCancelled { throw BrokerNodeError(.cancelled, "The start of the broker was cancelled.") }
            await Pause.uncancellable(.milliseconds(50))
        }
    }

    private static var noGuardian: BrokerNodeError {
        BrokerNodeError(
            .notStarted, "/bin/sh could not be started to watch over the broker.",
            advice: "See whether the limits on processes or open files are reached (ulimit -a).")
    }
}

extension BrokerNodeError {
    /// Whether another process had, or took, one of the node's ports.
    var isAboutPorts: Bool {
        guard code == .exited || code == .deadline else { return false }
        let signs = ["eaddrinuse", "already_in_use", "address already in use", "register/listen error", "epmd error"]
        let text = output.lowercased()
        return signs.contains { text.contains($0) }
    }
}
