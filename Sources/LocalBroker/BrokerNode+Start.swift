import Foundation
import Glibc

extension BrokerNode {
    static func startNew(
        _ options: Options, installation: BrokerInstallation
    ) async throws(BrokerNodeError) -> BrokerNode {
        try BrokerFileLimit.check()
        if options.directory == nil { try BrokerFolder.checkTemporary() }
        try options.directory.map(BrokerFolder.init)?.checkPath()
        guard let ports = options.ports ?? PortFinder.find() else {
            throw BrokerNodeError(
                .notStarted, "No free ports were found on the loopback interface.",
                advice: "Check what listens there: ss -ltn.")
        }
        let id = BrokerFolder.randomHex(digits: 16)
        let record = BrokerRecord(
            id: id, node: "\(options.name ?? "rt\(id.prefix(8))")@localhost", ports: ports, plugins: options.plugins,
            tls: options.tls, installation: installation.path)
        let folder = options.directory.map(BrokerFolder.init) ?? .temporary(id: id)
        // The guardian starts first, so that it cleans up everything that follows.
        guard let guardian = Guardian.start(folder: folder, id: id) else {
            if options.ports == nil { PortFinder.release(ports) }
            throw noGuardian
        }
        let node = BrokerNode(
            record: record, folder: folder, installation: installation, guardian: guardian,
            portsAreReserved: options.ports == nil)
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

    /// Starts the node again; its data are kept even if the start fails.
    ///
    /// - Parameter guarded: whether the node ends with this process from now on, if it did not before.
    func start(deadline: Duration, guarded: Bool) async throws(BrokerNodeError) {
        let record = try folder.readRecord()
        if status == .stopped, let running = record.process, running.state != .gone { process = .foreign(running) }
        guard status == .stopped, !isStarting else {
            throw BrokerNodeError(
                .alreadyRunning, "The broker in \(folder.path) is already running.",
                advice: "Stop it first, or start one in another folder.")
        }
        isStarting = true
        defer { isStarting = false }
        if guardian != nil {
            do {
                try await launch(record, deadline: deadline)
            } catch {
                process?.signal(SIGKILL)
                await process?.ended(within: .seconds(10))
                throw error
            }
            return
        }
        guard let temporary = Guardian.start(folder: folder, id: id, keepingFolder: true) else {
            throw Self.noGuardian
        }
        do throws(BrokerNodeError) {
            try await launch(record, deadline: deadline)
            if guarded {
                guard let guardian = Guardian.start(folder: folder, id: id) else { throw Self.noGuardian }
                self.guardian = guardian
            }
        } catch {
            await temporary.finish()
            throw error
        }
        await temporary.release()
    }

    private func releaseGuardian() async {
        let guardian = self.guardian
        self.guardian = nil
        await guardian?.release()
    }

    /// Starts the process and waits until the node is ready.
    private func launch(_ record: BrokerRecord, deadline: Duration) async throws(BrokerNodeError) {
        let end = ContinuousClock.now + deadline
        // An epmd process outlives its node, and may be the one of this node's last run.
        let needed =
            [ports.amqp, ports.distribution] + (hasTLS ? [ports.amqps] : [])
            + (plugins.contains(.management) ? [ports.management] : [])
            + (plugins.contains(.prometheus) ? [ports.prometheus] : [])
        // The sockets of a killed process may be closed slightly later than the process ends.
        let patience = ContinuousClock.now + .seconds(2)
        while let taken = needed.first(where: { !PortFinder.isFree($0) }) {
            if ContinuousClock.now < patience {
                await Pause.uncancellable(.milliseconds(20))
                continue
            }
            throw BrokerNodeError(
                .portInUse, "Another process has the broker's port \(taken).",
                advice: "End that process (see ss -ltnp), or choose other ports.")
        }
        try? FileManager.default.removeItem(at: logFile)
        try? FileManager.default.removeItem(atPath: folder.output)
        // Not in a folder that this user may not read, such as the one in which `su` was called, because Erlang reads
        // the current folder.
        let (executable, arguments) = ChildCommand.starting(installation.server, [], in: "/")
        let environment = environment.merging(["ERL_AFLAGS": loadingAtOnce]) { $1 }
        let output = folder.output
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

    /// The Erlang VM's first argument: loads the modules of RabbitMQ and of the plugins, with those that they need, at
    /// once and on all cores. RabbitMQ itself loads its 1,200 modules one by one, which takes twice as long. A module
    /// that cannot be loaded is left to it.
    private nonisolated var loadingAtOnce: String {
        let applications = (["rabbit"] + plugins.map(\.rawValue).sorted()).joined(separator: ",")
        // The variable is removed first: the node starts other Erlang VMs, which need none of this.
        return """
            -eval 'os:unsetenv("ERL_AFLAGS"), \
            Add = fun Add(App, Known) -> \
            case maps:is_key(App, Known) orelse file:consult(code:where_is_file(atom_to_list(App) ++ ".app")) of \
            {ok, [{application, _, Keys}]} -> lists:foldl(Add, \
            Known#{App => proplists:get_value(modules, Keys, [])}, proplists:get_value(applications, Keys, [])); \
            _ -> Known end end, \
            catch code:ensure_modules_loaded(lists:append(maps:values(lists:foldl(Add, #{}, [\(applications)])))).'
            """
    }

    private func becomesReady(
        _ child: SpawnedProcess, end: ContinuousClock.Instant, deadline: Duration
    ) async throws(BrokerNodeError) {
        var probes: [ReadinessProbe] = []
        if plugins.contains(.management) { probes.append(.http(port: ports.management)) }
        if plugins.contains(.prometheus) { probes.append(.http(port: ports.prometheus)) }
        // The AMQP listener opens last, so this connection, which the broker logs, is nearly always the only one.
        probes.append(.amqp(port: ports.amqp))
        // Another broker may have taken the port since it was found free; this one then ends shortly.
        probes.append(.listener(port: ports.amqp, process: child.id))
        if hasTLS { probes.append(.connection(port: ports.amqps)) }
        while let probe = probes.first {
            if let status = child.exitStatus { throw earlyEnd(status) }
            if await BlockingWork.run({ probe.holds() }) {
                probes.removeFirst()
                continue
            }
            let now = ContinuousClock.now
            if now >= end {
                throw BrokerNodeError(
                    .deadline, "The broker was not ready after \(deadline).",
                    advice: "Allow it more time where the machine is busy.", output: folder.lastWords(of: name))
            }
            if Task.isCancelled { throw BrokerNodeError(.cancelled, "The start of the broker was cancelled.") }
            await Pause.uncancellable(.milliseconds(50))
        }
    }

    /// Waits until the log exchange `amq.rabbitmq.log` exists. The broker tries to declare it every five seconds, so it
    /// may appear that much later than everything else.
    ///
    /// - Throws: `deadline` if it does not exist by then, for example if the node's configuration leaves it out.
    public func waitForLogExchange(deadline: Duration = .seconds(20)) async throws(BrokerNodeError) {
        let end = ContinuousClock.now + deadline
        let probe =
            plugins.contains(.management)
            ? ReadinessProbe.exchange("amq.rabbitmq.log", port: ports.management)
            : .text("Logging to exchange", file: logFile.path)
        while await !BlockingWork.run({ probe.holds() }) {
            _ = try runningProcess()
            if Task.isCancelled { throw BrokerNodeError(.cancelled, "The wait for the log exchange was cancelled.") }
            if ContinuousClock.now >= end {
                throw BrokerNodeError(
                    .deadline, "The broker has no log exchange after \(deadline).",
                    advice: "Check that its configuration says log.exchange = true.")
            }
            await Pause.uncancellable(.milliseconds(50))
        }
    }

    private func earlyEnd(_ status: Int32) -> BrokerNodeError {
        let signs = ["eaddrinuse", "already_in_use", "address already in use", "register/listen error"]
        let words = folder.words(of: name).joined().map { $0.lowercased() }
        if words.contains(where: { line in signs.contains { line.contains($0) } }) {
            return BrokerNodeError(
                .portInUse, "The broker ended because another process has one of its ports.",
                advice: "End that process (see ss -ltnp), or choose other ports.", output: folder.lastWords(of: name))
        }
        if words.contains(where: { line in ["too many open files", "emfile"].contains { line.contains($0) } }) {
            return BrokerFileLimit.error(output: folder.lastWords(of: name))
        }
        return BrokerNodeError(
            .exited, "The broker ended with exit status \(status) before it was ready.",
            advice: "Its output says why.", output: folder.lastWords(of: name))
    }

    private static var noGuardian: BrokerNodeError {
        BrokerNodeError(
            .notStarted, "/bin/sh could not be started to watch over the broker.",
            advice: "Check whether the limits on processes or open files are reached (ulimit -a).")
    }
}
