import Foundation

/// The proxy, no fault set, between a load and a broker; beside haproxy, which looks at no frame.
struct ProxyBenchmark {
    private enum Way: String, CaseIterable {
        case direct, rabbittop, haproxy
    }

    private static let windowed = ["--window", "1000"]
    private static let acknowledging = ["--prefetch", "1000", "--ack-every", "100"]
    private static let oneByOne = ["--window", "1"]
    private static let idle = 1_000

    let options: Options

    init(_ options: Options) { self.options = options }

    /// - Returns: how many targets were missed.
    func run() throws -> Int {
        Main.say("Starting a private broker …")
        let broker = try BenchmarkBroker(rabbittop: options.rabbittop)
        defer { broker.end() }
        guard let place = URLComponents(string: broker.amqpURI), let brokerPort = place.port else {
            throw BenchmarkFailure("\(broker.amqpURI) has no port")
        }
        let port = try Self.freePort()
        let arguments = ["proxy", "--listen", "127.0.0.1:\(port)", "--upstream", "127.0.0.1:\(brokerPort)"]
        let proxy = try KeptProcess(
            options.rabbittop, arguments, environment: broker.environment, error: NullDevice.descriptor)
        defer { proxy.end() }
        let haproxyPort = try Self.freePort()
        let configuration = try Self.configuration(port: haproxyPort, broker: brokerPort)
        defer { try? FileManager.default.removeItem(atPath: configuration) }
        let haproxy = try KeptProcess(
            "/usr/sbin/haproxy", ["-db", "-q", "-f", configuration], environment: broker.environment)
        defer { haproxy.end() }
        for port in [port, haproxyPort] { try Self.waitUntilOpen(port) }
        let ports: [Way: Int] = [.direct: brokerPort, .rabbittop: port, .haproxy: haproxyPort]

        var confirm: [Way: Samples] = [:]
        var consume: [Way: Samples] = [:]
        var trip: [Way: Samples] = [:]
        let load = LoadProgram.rabbittop(options)
        func move(_ way: Way, _ mode: String, _ count: Int, _ extra: [String]) throws -> LoadProgram.Figures {
            let uri = "amqp://guest:guest@127.0.0.1:\(ports[way] ?? 0)/%2F"
            return try load.run(.init(mode: mode, count: count, options: extra), uri: uri)
        }
        Main.say("Moving \(Main.grouped(options.messages)) messages at a time in \(options.loadRounds) rounds …")
        _ = try move(.direct, "confirm", options.messages, Self.windowed)  // The broker's first are slow.
        try broker.purge(LoadProgram.queue)
        for round in 0..<options.loadRounds {
            // In turn, and each is the first as often as the others.
            let ways = Way.allCases
            for way in ways[(round % ways.count)...] + ways[..<(round % ways.count)] {
                confirm[way, default: Samples()].add(
                    try move(way, "confirm", options.messages, Self.windowed).rate)
                consume[way, default: Samples()].add(
                    try move(way, "consume", options.messages, Self.acknowledging).rate)
                let figures = try move(way, "confirm", 3_000, Self.oneByOne)
                trip[way, default: Samples()].add((figures.latency?.p50 ?? .nan) * 1_000)
                try broker.purge(LoadProgram.queue)
            }
        }
        guard let id = ProcessFigures.find(arguments) else { throw BenchmarkFailure("the proxy has ended") }
        let before = try ProcessFigures.memory(of: id).now
        let memory = try Self.holding(Self.idle, port: port) { try ProcessFigures.memory(of: id).now }

        func median(_ samples: [Way: Samples], _ way: Way) -> Double { samples[way]?.median ?? .nan }
        var misses = 0
        func verdict(_ isMet: Bool) -> String {
            if !isMet { misses += 1 }
            return isMet ? "met" : "MISSED"
        }
        func column(_ text: String) -> String { String(repeating: " ", count: max(1, 12 - text.count)) + text }
        func row(_ name: String, _ values: [String], _ target: String) -> String {
            name.padding(toLength: 38, withPad: " ", startingAt: 0) + values.map(column).joined() + "   " + target
        }
        func rates(_ name: String, _ samples: [Way: Samples]) -> String {
            let share = median(samples, .rabbittop) / median(samples, .direct)
            return row(
                name, Way.allCases.map { Main.grouped(Int(median(samples, $0).rounded())) },
                String(format: "%.0f%% of direct, >= 80%% ", share * 100) + verdict(share >= 0.8))
        }
        let added = median(trip, .rabbittop) - median(trip, .direct)
        let lines = [
            """
            The proxy with no fault set, on RabbitMQ \(try broker.version), one connection, transient messages of 100 bytes, \
            \(Main.grouped(options.messages)) a run; medians of \(options.loadRounds) rounds.
            """,
            row("", ["direct", "rabbittop", "haproxy"], "target"),
            rates("confirm, window of 1,000, messages/s", confirm),
            rates("consume, prefetch 1,000, messages/s", consume),
            row(
                "round trip of a confirm, us", Way.allCases.map { Main.decimal(median(trip, $0)) },
                String(format: "%.0f us added, < 150 ", added) + verdict(added < 150)),
            row(
                "memory with \(Main.grouped(Self.idle)) idle connections, MB", ["", Main.decimal(memory), ""],
                "\(Main.decimal(before)) before, < 100 " + verdict(memory < 100)),
        ]
        print("\n" + lines.joined(separator: "\n") + "\n")
        fflush(nil)
        return misses
    }

    private static func configuration(port: Int, broker: Int) throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("rabbittop-bench-\(port).cfg").path
        let text = """
            global
                maxconn 4000
            defaults
                mode tcp
                timeout connect 5s
                timeout client 1h
                timeout server 1h
            listen amqp
                bind 127.0.0.1:\(port)
                server broker 127.0.0.1:\(broker)

            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    // MARK: Sockets

    private static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = address(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let found = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard found else { throw BenchmarkFailure.system("finding a free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Nil when nobody listens.
    private static func connected(_ port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = address(port)
        let done = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard done == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private static func waitUntilOpen(_ port: Int) throws {
        for _ in 0..<200 {
            if let descriptor = connected(port) {
                close(descriptor)
                return
            }
            usleep(50_000)
        }
        throw BenchmarkFailure("nobody listens on port \(port)")
    }

    /// Opens so many AMQP connections without a heartbeat, looks, and closes them.
    private static func holding<Value>(_ count: Int, port: Int, _ look: () throws -> Value) throws -> Value {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        var open: [Int32] = []
        defer { for descriptor in open { close(descriptor) } }
        for _ in 0..<count {
            guard let descriptor = connected(port) else { throw BenchmarkFailure.system("connecting to the proxy") }
            open.append(descriptor)
            try handshake(descriptor)
        }
        // What was allocated for the handshakes has gone back by then, or has not.
        sleep(2)
        return try look()
    }

    /// A client's part of a handshake: start-ok with PLAIN, tune-ok with heartbeat 0, open of `/` (AMQP 0-9-1, section 1.4).
    private static let opening: [UInt8] = {
        func short(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
        func frame(_ payload: [UInt8]) -> [UInt8] { [1, 0, 0, 0, 0, 0, UInt8(payload.count)] + payload + [0xCE] }
        let response: [UInt8] = [0] + Array("guest".utf8) + [0] + Array("guest".utf8)
        let startOk: [UInt8] =
            [0, 10, 0, 11, 0, 0, 0, 0] + short("PLAIN") + [0, 0, 0, UInt8(response.count)] + response + short("en_US")
        let tuneOk: [UInt8] = [0, 10, 0, 31, 7, 255, 0, 2, 0, 0, 0, 0]
        return frame(startOk) + frame(tuneOk) + frame([0, 10, 0, 40] + short("/") + [0, 0])
    }()

    private static func handshake(_ descriptor: Int32) throws {
        let header: [UInt8] = Array("AMQP".utf8) + [0, 0, 9, 1]
        guard write(descriptor, header, header.count) == header.count else {
            throw BenchmarkFailure.system("writing to the proxy")
        }
        var isGreeted = false
        var seen: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &bytes, bytes.count)
            guard count > 0 else { throw BenchmarkFailure("the proxy closed an idle connection") }
            seen += bytes[..<count]
            if !isGreeted {
                isGreeted = true
                guard write(descriptor, opening, opening.count) == opening.count else {
                    throw BenchmarkFailure.system("writing to the proxy")
                }
            }
            // connection.open-ok, the last frame of a handshake.
            if seen.suffix(6).starts(with: [0, 10, 0, 41]) { return }
        }
    }
}
