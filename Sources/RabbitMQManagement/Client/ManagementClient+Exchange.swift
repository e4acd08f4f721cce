import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Names

/// Receives the bytes of a response as they arrive.
protocol AnswerSink: Sendable {
    /// The maximum size of a response, in bytes, if it is less than the configuration's.
    static var longest: Int { get }
    /// Set once the response contains more rows than are kept: the rest is not read.
    var excess: TooManyRows? { get }
    mutating func take(_ buffer: ByteBuffer)
}

extension AnswerSink {
    static var longest: Int { .max }
    var excess: TooManyRows? { nil }
}

/// Stores a whole response.
struct BufferSink: AnswerSink {
    /// The response is stored whole, and its values in addition.
    static let longest = 32 << 20

    var buffer = ByteBuffer()

    mutating func take(_ part: ByteBuffer) {
        if buffer.readableBytes == 0 { buffer = part } else { buffer.writeImmutableBuffer(part) }
    }
}

/// A request to be sent.
struct OutgoingRequest: Sendable {
    var method: HTTPMethod = .GET
    var address: ManagementAddress
    /// Path and query, percent-encoded, with the address's prefix.
    var target: String
    /// Other types are accepted too, because 3.10 returns 406 for a purge that accepts only JSON.
    var accept = "application/json, */*;q=0.1"
    var headers = HTTPHeaders()
    var body: ByteBuffer?
    var authenticates = true
    /// A name in the path that a path cannot contain.
    var unaddressable: Name?

    /// Method and path, for messages.
    var summary: String { "\(method.rawValue) \(target.prefix { $0 != "?" })" }
}

/// A complete response.
struct Answer<Sink: AnswerSink>: Sendable {
    var status: Int
    var headers: HTTPHeaders
    /// The content of a successful response.
    var sink: Sink
    /// The content of any other response, truncated to 64 KiB.
    var refusal: ByteBuffer
}

extension ManagementClient {
    /// Sends a request and reads its whole response, within deadline and size, whatever its status.
    ///
    /// All requests are sent here, so that a read-only client can refuse changes in one place.
    func exchange<Sink: AnswerSink>(
        _ request: OutgoingRequest, into sink: Sink
    ) async throws(ManagementError) -> Answer<Sink> {
        if configuration.isReadOnly, request.method != .GET {
            throw ManagementError(.readOnly, request: request.summary, address: request.address.description)
        }
        // The address may come from the broker's own list of listeners.
        if let flaw = request.address.flaw {
            throw ManagementError(
                .unreachable(reason: flaw), request: request.summary, address: request.address.description)
        }
        if let name = request.unaddressable {
            throw ManagementError(
                .unaddressable(name), request: request.summary, address: request.address.description)
        }
        let pass = try await pass(for: request)
        var outcome = CredentialsGate.Outcome.unknown
        defer { if let pass { configuration.gate?.leave(configuration.credentials, pass, outcome) } }
        let clock = ContinuousClock()
        let start = clock.now
        do {
            let (answer, size) = try await within(configuration.timeout) { [self] in try await run(request, into: sink)
            }
            let duration = clock.now - start
            account(duration: duration, size: size, failed: !(200..<300 ~= answer.status))
            logger.trace("\(request.summary): \(answer.status), \(size) bytes, \(duration)")
            outcome = CredentialsGate.Outcome(
                status: answer.status,
                isRefusal: answer.status == 401 && refusal(of: request, answer).code == .badCredentials)
            return answer
        } catch {
            var code = ManagementError.Code.failure(
                error, timeout: configuration.timeout, limit: min(configuration.maximumAnswerSize, Sink.longest))
            if case .otherHost(let host, _) = code {
                code = .otherHost(host ?? request.address.host, names: await certificateNames(of: request.address))
            }
            account(duration: clock.now - start, size: 0, failed: true)
            logger.trace("\(request.summary): \(code)")
            throw ManagementError(code, request: request.summary, address: request.address.description)
        }
    }

    /// Returns the permission to log in if the request does. Throws if the credentials were recently refused.
    private func pass(for request: OutgoingRequest) async throws(ManagementError) -> CredentialsGate.Pass? {
        guard let gate = configuration.gate, request.authenticates, !configuration.username.isEmpty else { return nil }
        let code: ManagementError.Code
        var reply: String?
        do {
            return try await gate.enter(configuration.credentials)
        } catch let held as CredentialsGate.Held {
            code = .badCredentials
            reply = "refused a moment ago; tried again in \(Int(held.seconds.rounded(.up))) s"
        } catch {
            code = .cancelled
        }
        throw ManagementError(
            code, request: request.summary, address: request.address.description, brokerReply: reply)
    }

    /// Sends a request like `exchange`, but throws for any status other than 2xx.
    func success<Sink: AnswerSink>(
        _ request: OutgoingRequest, into sink: Sink
    ) async throws(ManagementError) -> Answer<Sink> {
        let answer = try await exchange(request, into: sink)
        guard 200..<300 ~= answer.status else { throw refusal(of: request, answer) }
        return answer
    }

    func refusal<Sink>(of request: OutgoingRequest, _ answer: Answer<Sink>) -> ManagementError {
        if 300..<400 ~= answer.status, answer.status != 304 {
            let target = RedirectTarget(answer.headers.first(name: "Location"), from: request)
            return ManagementError(
                .redirected(to: target), request: request.summary, address: request.address.description)
        }
        let (code, reply) = ManagementError.Code.refusal(
            status: answer.status, headers: answer.headers, body: answer.refusal,
            sentCredentials: request.authenticates && !configuration.username.isEmpty)
        return ManagementError(
            code, request: request.summary, address: request.address.description, brokerReply: reply)
    }

    private func run<Sink: AnswerSink>(
        _ request: OutgoingRequest, into sink: Sink
    ) async throws -> (Answer<Sink>, size: Int) {
        var outgoing = HTTPClientRequest(url: request.address.origin + request.target)
        outgoing.method = request.method
        outgoing.headers = request.headers
        if let host = request.address.hostHeader { outgoing.headers.add(name: "Host", value: host) }
        outgoing.headers.add(name: "Accept", value: request.accept)
        outgoing.headers.add(name: "Accept-Encoding", value: "gzip")
        outgoing.headers.add(name: "User-Agent", value: "rabbittop")
        if request.authenticates, !configuration.username.isEmpty {
            outgoing.setBasicAuth(username: configuration.username, password: configuration.password)
        }
        if let body = request.body {
            outgoing.headers.add(name: "Content-Type", value: "application/json")
            outgoing.body = .bytes(body)
        }
        // The task's own deadline is earlier; this one is for work that outlives a cancelled task.
        let response = try await http.execute(
            outgoing, deadline: .now() + TimeAmount(configuration.timeout) + .seconds(1))
        let status = Int(response.status.code)
        var answer = Answer(status: status, headers: response.headers, sink: sink, refusal: ByteBuffer())
        var size = 0
        do {
            for try await part in response.body {
                size += part.readableBytes
                if 200..<300 ~= status {
                    guard size <= min(configuration.maximumAnswerSize, Sink.longest) else { throw AnswerTooLarge() }
                    answer.sink.take(part)
                    if let excess = answer.sink.excess { throw excess }
                } else if answer.refusal.readableBytes < 65_536 {
                    answer.refusal.writeImmutableBuffer(part)
                } else if size > 1 << 20 {
                    break
                }
            }
        } catch {
            throw BodyInterrupted(reason: error)
        }
        try Task.checkCancellation()
        return (answer, size)
    }

    private func account(duration: Duration, size: Int, failed: Bool) {
        state.withLock { state in
            state.cost.requests += 1
            if failed { state.cost.failures += 1 }
            state.cost.bytes += UInt64(size)
            state.cost.time += duration
        }
    }

    /// Runs a body with a deadline. The HTTP client's own deadline applies only until the response head.
    private func within<Value: Sendable>(
        _ timeout: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else { throw DeadlineExceeded() }
            return value
        }
    }
}
