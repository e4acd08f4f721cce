import Faults
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
public import NIOCore
public import NIOPosix
import Names

/// Serves sessions, faults, ledger and events of a proxy over HTTP, for test suites in any language.
///
/// On the loopback interface it answers any client on this machine, unless a token is set; on other interfaces it
/// requires one: `Authorization: Bearer TOKEN`. `GET /openapi.json` describes the API.
public struct ControlAPI: Sendable {
    private let controller: ProxyController
    private let host: String
    private let port: Int
    private let token: String?
    private let group: any EventLoopGroup
    /// The time after which a connection is closed without a complete request, or without progress in sending an
    /// answer.
    var patience = TimeAmount.seconds(30)

    /// The largest request body, in bytes; a larger one is refused with 413.
    static let largestBody = 1 << 16
    /// The highest number of requests at a time; further ones are refused with 503. A request whose answer is not read
    /// counts until it is.
    static let mostRequests = 32
    /// The highest number of readers of the events; further ones are refused with 503.
    static let mostFollowers = 32
    /// The highest number of connections; further ones wait until one is closed.
    static let mostConnections = 256
    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// Creates an API for a proxy.
    ///
    /// - Throws: `ProxyFailure` if it would listen on a non-loopback interface without a token.
    public init(
        _ controller: ProxyController, host: String, port: Int, token: String? = nil,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) throws(ProxyFailure) {
        guard token?.isEmpty != true else {
            throw ProxyFailure("the control API's token is empty: give one, or none on the loopback interface")
        }
        guard token != nil || Self.isLoopback(host) else {
            throw ProxyFailure("off the loopback interface the control API needs a token")
        }
        self.controller = controller
        self.host = host == "localhost" ? "127.0.0.1" : host
        self.port = port
        self.token = token
        self.group = group
    }

    /// Serves requests until the task is cancelled.
    ///
    /// - Parameter onListening: receives the port, which differs from the requested one if that was 0.
    /// - Throws: `ProxyFailure` if it cannot listen.
    public func run(onListening: @escaping @Sendable (Int) -> Void) async throws {
        let port = port
        let patience = patience
        var logger = Logger(label: "rabbittop.control")
        logger.logLevel = .critical
        let application = Application(
            responder: responder,
            server: .http1(configuration: .init(additionalChannelHandlers: [ControlDeadlines(patience)])),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(Self.mostConnections, logger: logger)),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? port) },
            eventLoopGroupProvider: .shared(group), logger: logger)
        do {
            try await application.run()
        } catch is CancellationError {
            return
        } catch {
            throw ProxyFailure(
                "the control API cannot listen on \(String(host: host, port: port)): \(ProxyServer.words(error))")
        }
    }

    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        return host.hasPrefix("127.") && (try? SocketAddress(ipAddress: host, port: 0)) != nil
    }

    // MARK: Answering

    private var responder: ControlResponder {
        ControlResponder(
            controller: controller, token: token, requests: RequestGate(limit: Self.mostRequests),
            router: Self.router(controller).buildResponder())
    }

    private static func router(_ controller: ProxyController) -> Router<BasicRequestContext> {
        let router = Router()
        let followers = RequestGate(limit: mostFollowers)
        for route in ControlRoute.all {
            router.on(route.routerPath, method: route.method) { request, context in
                // The body of a route without one is not read.
                let body = route.body == nil ? ByteBuffer() : try await Self.body(of: request)
                var parameters: [String: String] = [:]
                for (name, value) in request.uri.queryParameters { parameters[String(name)] = String(value) }
                for (name, value) in context.parameters { parameters[String(name)] = String(value) }
                let asked = ControlRequest(
                    body: body, parameters: parameters, accepts: request.headers[.accept] ?? "",
                    followers: followers)
                let answer = try await route.handle(asked, controller)
                if case .feed(let feed, let place, let asEvents) = answer {
                    return response(feed, place, asEvents: asEvents, reader: request.body)
                }
                return response(answer)
            }
        }
        router.get("/") { _, _ in response(.text(index)) }
        return router
    }

    /// Reads a request's body. A body that is too large is read to its end, too, up to a limit, because a client that
    /// is still sending does not read the answer.
    private static func body(of request: Request) async throws -> ByteBuffer {
        var body = ByteBuffer()
        var size = 0
        for try await part in request.body {
            size += part.readableBytes
            if size <= largestBody { body.writeImmutableBuffer(part) }
            if size > 256 * largestBody { break }
        }
        // The end of the connection looks like the end of the body.
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), size < length, size <= largestBody {
            throw ControlProblem(
                .badRequest, "The request's body ended after \(size) of \(length) bytes.", "Send the whole of it.")
        }
        guard size <= largestBody else {
            throw ControlProblem(
                .contentTooLarge, "The request's body is larger than \(largestBody) bytes.",
                "A fault takes fewer bytes: see /openapi.json.")
        }
        return body
    }

    private static var index: String {
        let width = ControlRoute.all.map { $0.method.rawValue.count + $0.path.count }.max() ?? 0
        let lines = ControlRoute.all.map { route in
            let name = "\(route.method.rawValue) \(route.path)"
            return name.padding(toLength: width + 3, withPad: " ", startingAt: 0) + route.summary
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static func response(_ answer: ControlAnswer) -> Response {
        var headers = HTTPFields()
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        switch answer {
        case .text(let text):
            headers[.contentType] = text.hasPrefix("{") ? "application/json" : "text/plain; charset=utf-8"
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
        case .json(let value, let status):
            headers[.contentType] = "application/json"
            var bytes = ByteBuffer(bytes: (try? encoder.encode(value)) ?? Data("null".utf8))
            bytes.writeString("\n")
            return Response(status: status, headers: headers, body: .init(byteBuffer: bytes))
        case .page(let value, let next):
            if let next, let link = HTTPField.Name("Link") { headers[link] = "<\(next)>; rel=\"next\"" }
            headers[.contentType] = "application/json"
            var bytes = ByteBuffer(bytes: (try? encoder.encode(value)) ?? Data("null".utf8))
            bytes.writeString("\n")
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: bytes))
        case .feed: return Response(status: .internalServerError)
        }
    }

    /// Returns a stream that ends with its reader's connection.
    private static func response(
        _ feed: LedgerFeed, _ place: RequestGate.Slot, asEvents: Bool, reader: RequestBody
    ) -> Response {
        var headers = HTTPFields()
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        headers[.contentType] = asEvents ? "text/event-stream" : "application/x-ndjson"
        let body = ResponseBody { writer in
            // The first bytes show the reader immediately that the stream works.
            try await writer.write(ByteBuffer(string: asEvents ? ": entries follow\n\n" : ""))
            try await reader.consumeWithCancellationOnInboundClose { _ in
                for await item in feed { try await writer.write(line(item, asEvents: asEvents)) }
            }
            try await writer.finish(nil)
            withExtendedLifetime(place) {}
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private struct LeftOut: Encodable {
        var leftOut: UInt64
        var error: String
        var advice: String

        enum CodingKeys: String, CodingKey {
            case error, advice
            case leftOut = "left_out"
        }
    }

    private static func line(_ item: LedgerFeed.Item, asEvents: Bool) -> ByteBuffer {
        let json: Data?
        var head = "data: "
        switch item {
        case .entry(let entry):
            json = try? encoder.encode(entry)
            head = "id: \(entry.id)\n" + head
        case .leftOut(let count, let last):
            json = try? encoder.encode(
                LeftOut(
                    leftOut: count, error: "\(count) entries were left out: they were not read in time.",
                    advice: "GET /events?after=\(last) goes on with what is kept."))
            head = "event: left-out\n" + head
        }
        var bytes = ByteBuffer(string: asEvents ? head : "")
        bytes.writeBytes(json ?? Data("null".utf8))
        bytes.writeString(asEvents ? "\n\n" : "\n")
        return bytes
    }
}

/// Checks the token, and reports errors as JSON.
struct ControlResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let controller: ProxyController
    let token: String?
    let requests: RequestGate
    let router: RouterResponder<BasicRequestContext>

    func respond(to request: Request, context: Context) async throws -> Response {
        guard let place = requests.enter() else {
            return ControlAPI.response(
                .json(
                    ControlProblem(
                        .serviceUnavailable, "\(requests.limit) requests are being answered.",
                        "Read the answers, and try again."), .serviceUnavailable))
        }
        let response = await answer(to: request, context: context)
        // The readers of events have a limit of their own.
        guard let length = response.body.contentLength else { return response }
        let body = response.body
        return Response(
            status: response.status, headers: response.headers,
            body: ResponseBody(contentLength: length) { [place] writer in
                try await body.write(writer)
                withExtendedLifetime(place) {}
            })
    }

    private func answer(to request: Request, context: Context) async -> Response {
        let problem: ControlProblem
        do {
            try admit(request)
            let response = try await router.respond(to: request, context: context)
            guard response.status == .notFound, response.body.contentLength == 0 else { return response }
            problem = ControlProblem(
                .notFound, "There is nothing at \(request.uri.path.shortened(to: 200)).", "GET / lists what there is.")
        } catch let error as ControlProblem {
            problem = error
        } catch let error as FaultError {
            problem = ControlProblem(.unprocessableContent, error.problem, error.advice)
        } catch let error as HTTPError {
            problem = ControlProblem(
                error.status, error.body ?? error.status.reasonPhrase, "GET / lists what there is.")
        } catch {
            let status = (error as? any HTTPResponseError)?.status ?? .internalServerError
            problem = ControlProblem(status, status.reasonPhrase, "GET / lists what there is.")
        }
        return ControlAPI.response(.json(problem, problem.status))
    }

    private func admit(_ request: Request) throws(ControlProblem) {
        if let token {
            guard let given = request.headers[.authorization], Self.isSame(given, "Bearer \(token)") else {
                throw ControlProblem(
                    .unauthorized, "The token is missing or wrong.", "Send 'Authorization: Bearer TOKEN'.")
            }
        } else if let authority = request.head.authority, !Self.isHere(authority) {
            // This refuses a web page whose host name was made to resolve to this machine (DNS rebinding).
            throw ControlProblem(.misdirectedRequest, "\(authority) is not this machine.", "Use localhost.")
        } else if request.headers[.origin] != nil {
            // This refuses a web page that sends a request here without permission to read the answer.
            throw ControlProblem(.forbidden, "Requests from web pages are refused.", "Set a token, and send it.")
        }
    }

    /// Compares two texts in a time that does not depend on where they differ.
    private static func isSame(_ one: String, _ other: String) -> Bool {
        let (one, other) = (Array(one.utf8), Array(other.utf8))
        guard one.count == other.count else { return false }
        return zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func isHere(_ authority: String) -> Bool {
        var host = Substring(authority)
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return false }
            host = host[host.index(after: host.startIndex)..<end]
        } else if let colon = host.lastIndex(of: ":") {
            host = host[..<colon]
        }
        return ControlAPI.isLoopback(String(host))
    }
}
