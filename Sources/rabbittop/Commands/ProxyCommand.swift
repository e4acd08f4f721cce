import AMQPProxy
import ArgumentParser
import BrokerOperations
import Faults
import Foundation
import NIOSSL
import Terminal

/// `rabbittop proxy`: the frame-aware proxy without a dashboard.
struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy", abstract: "Relay connections to the broker, and inject faults into them.",
        discussion: """
            Applications connect to --listen instead of to the broker. Every session, every channel that closes with \
            its code and text, returned message and cancelled consumer is printed as it happens, with the fault that \
            caused it and the time until the application worked again. With no fault set the proxy changes nothing.
            Faults come from --plan, or at any time through --control: 'rabbittop fault inject', curl, or a test suite.
            Ctrl-C ends it: faults are undone, clients are told 320 CONNECTION_FORCED, the broker an orderly end.
            Exit codes: 0 done, 1 failed, 2 usage.
            """)

    @Option(
        help: ArgumentHelp("Where applications connect to; port 0 takes a free one.", valueName: "host:port"),
        transform: HostPort.listener)
    var listen = HostPort(host: "127.0.0.1", port: 5673)
    @Option(help: ArgumentHelp("The broker's AMQP listener.", valueName: "host:port"), transform: HostPort.peer)
    var upstream = HostPort(host: "127.0.0.1", port: 5672)
    @Option(
        help: ArgumentHelp(
            "Where the control API listens; off the loopback interface it needs a token.", valueName: "host:port"),
        transform: HostPort.listener)
    var control: HostPort?
    @Option(
        help: ArgumentHelp(
            """
            A file with the control API's token, which requests then have to send; RABBITTOP_CONTROL_TOKEN for the \
            token itself.
            """, valueName: "file"))
    var controlTokenFile: String?
    @Option(help: ArgumentHelp("Faults with their times: see config/faults.", valueName: "file")) var plan: String?
    @Option(
        help: ArgumentHelp(
            """
            What applications meet while the broker is away: refuse their connects, or close their connections with \
            320 when they log in.
            """, valueName: "refuse|close"))
    var whenAway = ProxyConfiguration.WhenAway.refuse
    @Flag(help: "Permit --plan and --control to inject faults on a broker of another machine.") var allowFaults = false
    @OptionGroup(title: "TLS") var tls: ProxyTLSOptions
    @Option(help: "How to print what happens: text or jsonl.") var format = LedgerLine.Format.text

    func validate() throws { try tls.validate() }

    func run() async throws {
        if !allowFaults, plan != nil || control != nil,
            let refusal = await BrokerLocator.place(ofHost: upstream.host).refusal
        {
            throw CommandError(refusal)
        }
        let steps = try plan.map { try FaultPlan(file: $0) }
        let token = try ControlToken.given(file: controlTokenFile)
        var configuration = ProxyConfiguration(
            listen: (listen.host, listen.port), upstream: (upstream.host, upstream.port))
        configuration.whenAway = whenAway
        if !allowFaults, plan != nil || control != nil { configuration.refusal = await BrokerLocator.clusterRefusal() }
        configuration.listenTLS = try tls.listenContext()
        configuration.upstreamTLS = try tls.upstreamContext()
        let server: ProxyServer
        do {
            server = try await ProxyServer.start(configuration)
        } catch let failure as ProxyFailure {
            throw CommandError("\(failure)\nName another address with --listen.")
        }
        let controller = ProxyController(server)
        do {
            try steps?.check(injectionPoints: controller.registry.injectionPoints)
            try await serve(controller, plan: steps, token: token)
        } catch {
            await controller.close()
            if let error = error as? FaultError { throw CommandError("\(error)") }
            if let error = error as? ProxyFailure { throw CommandError("\(error)") }
            throw error
        }
    }

    private func serve(_ controller: ProxyController, plan: FaultPlan?, token: String?) async throws {
        let api = try control.map { try ControlAPI(controller, host: $0.host, port: $0.port, token: token) }
        let place = HostPort(host: listen.host, port: controller.server.port)
        Interruption.begin()
        Output.note("Listening on \(place), relaying to \(upstream). Ctrl-C ends it.")
        let entries = await controller.entries()
        let ledger = Task { await controller.run() }
        let printer = LinePrinter(as: format == .jsonl ? .json : .text)
        let printing = Task { [format] in
            for await entry in entries { printer.print(LedgerLine(entry: entry).written(as: format)) }
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            if let api, let control {
                tasks.addTask {
                    try await api.run { port in
                        Output.note(
                            "Control API at http://\(HostPort(host: control.host, port: port)): GET / lists what it answers."
                        )
                    }
                    // It is cancelled with the others.
                    try await Task.sleep(for: .seconds(1_000_000_000))
                }
            }
            if let plan {
                tasks.addTask {
                    await plan.run(on: controller.registry) { step, error in
                        Output.note("At \(FaultValue.number(step.at)) s: \(error)")
                    }
                    try await Task.sleep(for: .seconds(1_000_000_000))
                }
            }
            tasks.addTask { await Interruption.wait() }
            defer { tasks.cancelAll() }
            do {
                try await tasks.next()
            } catch is CancellationError {}
        }
        let left = await controller.close()
        await ledger.value
        await printing.value
        let unread = await printer.end(within: 1)
        if unread > 0 {
            Output.note("\(unread) lines of what happened were not printed: \(Output.problem ?? "nobody read them.")")
        }
        if !left.isEmpty {
            throw CommandError("Not undone: " + left.map { "\($0.label): \($0.note ?? "")" }.joined(separator: "; "))
        }
    }
}

extension LedgerLine.Format: ExpressibleByArgument {}
extension ProxyConfiguration.WhenAway: ExpressibleByArgument {}

/// The TLS options of both sides of the proxy.
struct ProxyTLSOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Speak TLS with applications: the proxy's certificate chain, PEM.", valueName: "file"))
    var listenCertFile: String?
    @Option(help: ArgumentHelp("The key of that certificate, PEM.", valueName: "file")) var listenKeyFile: String?
    @Flag(help: "Speak TLS with the broker.") var upstreamTLS = false
    @Option(help: ArgumentHelp("Certificate authorities for the broker's certificate, PEM.", valueName: "file"))
    var upstreamCACertFile: String?
    @Option(help: ArgumentHelp("A certificate of the proxy's own for the broker, PEM.", valueName: "file"))
    var upstreamCertFile: String?
    @Option(help: ArgumentHelp("The key of that certificate, PEM.", valueName: "file")) var upstreamKeyFile: String?
    @Flag(help: "Do not check the broker's certificate.") var upstreamInsecure = false

    func validate() throws {
        if (listenCertFile == nil) != (listenKeyFile == nil) {
            throw ValidationError("Give --listen-cert-file and --listen-key-file together.")
        }
        if (upstreamCertFile == nil) != (upstreamKeyFile == nil) {
            throw ValidationError("Give --upstream-cert-file and --upstream-key-file together.")
        }
        let needsTLS = upstreamCACertFile != nil || upstreamCertFile != nil || upstreamInsecure
        if needsTLS, !upstreamTLS { throw ValidationError("Options of the broker's TLS need --upstream-tls.") }
    }

    func listenContext() throws -> NIOSSLContext? {
        guard let listenCertFile, let listenKeyFile else { return nil }
        return try context(listenCertFile) {
            TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(listenCertFile).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: listenKeyFile, format: .pem)))
        }
    }

    func upstreamContext() throws -> NIOSSLContext? {
        guard upstreamTLS else { return nil }
        return try context(upstreamCACertFile ?? upstreamCertFile ?? "") {
            var configuration = TLSConfiguration.makeClientConfiguration()
            if let upstreamCACertFile { configuration.trustRoots = .file(upstreamCACertFile) }
            if let upstreamCertFile, let upstreamKeyFile {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(upstreamCertFile)
                    .map { .certificate($0) }
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: upstreamKeyFile, format: .pem))
            }
            if upstreamInsecure { configuration.certificateVerification = .none }
            return configuration
        }
    }

    private func context(_ file: String, _ make: () throws -> TLSConfiguration) throws -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: try make())
        } catch {
            throw CommandError("The TLS files cannot be used (\(file)): \(error)\nCheck that they exist and are PEM.")
        }
    }
}
