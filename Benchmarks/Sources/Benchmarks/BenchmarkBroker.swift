import Foundation
import FoundationNetworking
import Synchronization

/// A private broker with many queues, started by the rabbittop that is measured.
final class BenchmarkBroker {
    /// What the names of its queues begin with.
    static let queuePrefix = "bench."
    static let backlogExchange = "backlog"
    static let movingExchange = "moving"
    /// The exchange whose messages go to every tenth queue.
    static let changingExchange = "changing"

    /// What `rabbittop broker start --format json` prints.
    private struct Report: Decodable {
        var node: String
        var pid: Int32
        var amqpURI: String
        var managementURL: URL

        private enum CodingKeys: String, CodingKey {
            case node, pid
            case amqpURI = "amqp_uri"
            case managementURL = "management_url"
        }
    }

    let rabbittop: String
    let node: String
    let processID: pid_t
    let amqpURI: String
    let managementURL: URL
    /// Of the programs that ask it: a home without any configuration, and nothing of the user's own.
    let environment: [String: String]

    private let process: KeptProcess
    private let interrupts: [any DispatchSourceSignal]

    /// Starts it. It ends with the benchmark, also when that is interrupted or killed.
    init(rabbittop: String) throws {
        self.rabbittop = rabbittop
        let template = FileManager.default.temporaryDirectory.appendingPathComponent("rabbittop-bench-XXXXXX").path
        var path = Array(template.utf8CString)
        guard mkdtemp(&path) != nil else { throw BenchmarkFailure.system("making a temporary folder") }
        let folder = URL(fileURLWithPath: String(decoding: path.dropLast().map(UInt8.init), as: UTF8.self))
        var environment = [
            "HOME": folder.path, "XDG_RUNTIME_DIR": folder.path, "TERM": "xterm-256color", "LANG": "C.UTF-8",
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
        ]
        // Where an unusual RabbitMQ is.
        environment["RABBITTOP_RABBITMQ_SBIN"] = ProcessInfo.processInfo.environment["RABBITTOP_RABBITMQ_SBIN"]
        self.environment = environment
        let process = try KeptProcess(
            rabbittop,
            [
                "broker", "start", "--foreground", "--format", "json", "--directory",
                folder.appendingPathComponent("broker").path,
            ], environment: environment, removing: folder.path)
        self.process = process
        interrupts = Self.onInterrupt { process.end() }
        do {
            guard let line = process.line(), let report = try? JSONDecoder().decode(Report.self, from: Data(line.utf8))
            else { throw BenchmarkFailure("the broker did not start; what it said stands above") }
            node = report.node
            processID = report.pid
            amqpURI = report.amqpURI
            managementURL = report.managementURL
        } catch {
            process.end()
            throw error
        }
    }

    func end() {
        process.end()
        for interrupt in interrupts { interrupt.cancel() }
    }

    /// Whoever presses Ctrl-C gets the prompt back when everything is gone.
    private static func onInterrupt(_ cleanUp: @escaping @Sendable () -> Void) -> [any DispatchSourceSignal] {
        let queue = DispatchQueue(label: "interrupts")
        return [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                cleanUp()
                exit(128 + number)
            }
            source.resume()
            return source
        }
    }

    // MARK: What is in it

    /// Options that point rabbittop at it.
    var address: [String] {
        ["--host", managementURL.host ?? "127.0.0.1", "--port", String(managementURL.port ?? 15_672)]
    }

    /// Declares queues: every tenth gets a few messages, and twenty get more all the time while `moving` runs.
    func fill(queues count: Int) throws {
        let names = (0..<count).map { Self.queuePrefix + String(100_000 + $0).dropFirst() }
        func bindings(_ exchange: String, _ stride: Int) -> [[String: Any]] {
            names.enumerated().filter { $0.offset % stride == 0 }.map {
                [
                    "source": exchange, "vhost": "/", "destination": $0.element, "destination_type": "queue",
                    "routing_key": "", "arguments": [String: Any](),
                ]
            }
        }
        let definitions: [String: Any] = [
            "queues": names.map {
                ["name": $0, "vhost": "/", "durable": false, "auto_delete": false, "arguments": [String: Any]()]
            },
            "exchanges": [Self.backlogExchange, Self.movingExchange, Self.changingExchange].map {
                [
                    "name": $0, "vhost": "/", "type": "fanout", "durable": false, "auto_delete": false,
                    "internal": false, "arguments": [String: Any](),
                ]
            },
            "bindings": bindings(Self.backlogExchange, 10) + bindings(Self.movingExchange, max(1, count / 20))
                + bindings(Self.changingExchange, 10),
        ]
        let body = try JSONSerialization.data(withJSONObject: definitions)
        _ = try request("api/definitions", method: "POST", body: body)
        let publishing = try ChildProcess(
            rabbittop, ["publish"] + address + ["--exchange", Self.backlogExchange, "--count", "5"],
            environment: environment,
            streams: .descriptors(
                input: NullDevice.descriptor, output: NullDevice.descriptor, error: STDERR_FILENO))
        guard publishing.wait().status == 0 else { throw BenchmarkFailure("rabbittop publish failed") }
    }

    /// Publishes 20 messages a second, each to twenty queues, until it is ended.
    func moving() throws -> KeptProcess { try publishing(to: Self.movingExchange, rate: 20) }

    /// Publishes one message each second to every tenth queue, until it is ended.
    func changing() throws -> KeptProcess { try publishing(to: Self.changingExchange, rate: 1) }

    private func publishing(to exchange: String, rate: Int) throws -> KeptProcess {
        try KeptProcess(
            rabbittop,
            ["publish"] + address
                + ["--exchange", exchange, "--rate", String(rate), "--count", "1000000", "--size", "100"],
            environment: environment, error: NullDevice.descriptor)
    }

    // MARK: Asking it

    /// CPU time of the broker so far, in seconds.
    var cpu: Double { get throws { try ProcessFigures.cpu(of: processID) } }

    /// Percent of one core that it takes in a time.
    func share(over window: Duration) throws -> Double {
        let before = try cpu
        let start = ContinuousClock.now
        Thread.sleep(forTimeInterval: window.inSeconds)
        return (try cpu - before) / (ContinuousClock.now - start).inSeconds * 100
    }

    var version: String {
        get throws {
            let overview = try JSONSerialization.jsonObject(with: request("api/overview")) as? [String: Any]
            return overview?["rabbitmq_version"] as? String ?? "?"
        }
    }

    /// One request of the management API, as curl would make it. - Returns: the answer's body.
    func request(_ path: String, method: String = "GET", body: Data? = nil) throws -> Data {
        guard let url = URL(string: path, relativeTo: managementURL.appendingPathComponent("/")) else {
            throw BenchmarkFailure("\(path) is no path")
        }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body
        request.timeoutInterval = 300
        request.setValue("Basic " + Data("guest:guest".utf8).base64EncodedString(), forHTTPHeaderField: "Authorization")
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        // curl takes no compressed answers unless it is told to.
        request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        let answer = Mutex<(Data?, Int, String)>((nil, 0, ""))
        let done = DispatchSemaphore(value: 0)
        let task = URLSession.shared.dataTask(with: request) { data, response, error in
            let status = (response as? HTTPURLResponse)?.statusCode ?? 0
            let reason = error.map(String.init(describing:)) ?? "HTTP \(status)"
            answer.withLock { $0 = (data, status, reason) }
            done.signal()
        }
        task.resume()
        done.wait()
        let (data, status, reason) = answer.withLock { $0 }
        guard let data, (200..<300).contains(status) else {
            throw BenchmarkFailure("\(method) \(path) of the broker: \(reason)")
        }
        return data
    }

    /// Runs rabbitmqctl with the environment that the broker itself runs in.
    ///
    /// - Returns: the CPU time, in seconds, that rabbitmqctl took.
    func rabbitmqctl(_ arguments: [String]) throws -> Double {
        var environment = try ProcessFigures.environment(of: processID)
        let places = [environment["RABBITTOP_RABBITMQ_SBIN"], "/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin"]
        guard let place = places.compactMap({ $0 }).first(where: { access($0 + "/rabbitmqctl", X_OK) == 0 }) else {
            throw BenchmarkFailure("rabbitmqctl is not in /usr/lib/rabbitmq/bin")
        }
        environment["RABBITMQ_NODENAME"] = node
        environment["ERL_CRASH_DUMP_SECONDS"] = "0"
        let null = NullDevice.descriptor
        let (status, cpu) = try ChildProcess(
            place + "/rabbitmqctl", arguments, environment: environment,
            streams: .descriptors(input: null, output: null, error: STDERR_FILENO)
        ).wait()
        guard status == 0 else { throw BenchmarkFailure("rabbitmqctl \(arguments.joined(separator: " ")) failed") }
        return cpu
    }

    /// Throws away a queue's ready messages.
    func purge(_ queue: String) throws {
        _ = try request("api/queues/%2F/\(queue)/contents", method: "DELETE")
    }

    // MARK: Watching it

    /// Starts the dashboard on it, in a terminal.
    func watch(view: String, interval: Int = 1) throws -> PseudoTerminal {
        try PseudoTerminal(
            rabbittop, ["watch"] + address + ["--view", view, "--interval", String(interval)], environment: environment)
    }
}
