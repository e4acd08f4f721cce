import AMQPProxy
import ArgumentParser
import Foundation
import TopCore

/// `rabbittop proxy`: the frame-aware proxy on its own.
struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy", abstract: "Stand between applications and the broker, and tell what passes.",
        discussion: """
            Applications connect to --listen instead of to the broker. Every session, channel that closes with its \
            code and text, returned message and cancelled consumer is printed as it happens. With nothing asked of it \
            the proxy changes nothing.
            Ctrl-C ends it: clients are told 320 CONNECTION_FORCED, the broker an orderly end.
            Exit codes: 0 done, 1 failed, 2 usage.
            """)

    @Option(help: ArgumentHelp("Where applications connect to; port 0 takes a free one.", valueName: "host:port"))
    var listen = Place(host: "127.0.0.1", port: 5673)
    @Option(help: ArgumentHelp("The broker's AMQP listener.", valueName: "host:port"))
    var upstream = Place(host: "127.0.0.1", port: 5672)
    @Option(
        help: ArgumentHelp(
            """
            What applications meet while the broker is away: refuse their connects, or close their connections with \
            320 when they log in.
            """, valueName: "refuse|close"))
    var whenAway = ProxyConfiguration.WhenAway.refuse
    @Option(help: "How to print what happens: text or jsonl.") var format = Format.text

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, jsonl
    }

    func run() async throws {
        var configuration = ProxyConfiguration(
            listen: (listen.host, listen.port), upstream: (upstream.host, upstream.port))
        configuration.whenAway = whenAway
        let proxy: ProxyServer
        do {
            proxy = try await ProxyServer.start(configuration)
        } catch let failure as ProxyFailure {
            throw CommandError("\(failure)\nName another address with --listen.")
        }
        Output.note(
            "Listening on \(Place(host: listen.host, port: proxy.port)), and leading to \(upstream). Ctrl-C ends it.")
        let printing = Task {
            for await event in proxy.events {
                let line = ProxyEventLine(event)
                Output.write((format == .text ? line.text : line.json) + "\n")
            }
        }
        await Interruption.wait()
        await proxy.stop()
        await printing.value
    }
}

/// A host and a port as people write them: `rabbit.example:5672`, `[::1]:5672`.
struct Place: ExpressibleByArgument, CustomStringConvertible {
    var host: String
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = UInt16(argument[argument.index(after: colon)...])
        else {
            return nil
        }
        var host = argument[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension ProxyConfiguration.WhenAway: ExpressibleByArgument {}
