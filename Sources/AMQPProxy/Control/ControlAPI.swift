import Faults
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
public import NIOCore
public import NIOPosix

/// Serves sessions, faults, ledger and events of a proxy over HTTP, so that a test suite in any language can use it.
///
/// On the loopback interface it answers anybody on this machine, unless a token is set; elsewhere it asks for one:
/// `Authorization: Bearer TOKEN`. `GET /openapi.json` describes it.
public struct ControlAPI: Sendable {
    private let desk: ProxyDesk
    private let host: String
    private let port: Int
    private let token: String?
    private let group: any EventLoopGroup

    /// More than this of a request's body is refused.
    static let largestBody = 1 << 20
    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// - Throws: `ProxyFailure` when it would listen off the loopback interface without a token.
    public init(
        _ desk: ProxyDesk, host: String, port: Int, token: String? = nil,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) throws(ProxyFailure) {
        guard token?.isEmpty != true else {
            throw ProxyFailure("the control API's token is empty: give one, or none on the loopback interface")
        }
        guard token != nil || Self.isLoopback(host) else {
            throw ProxyFailure("off the loopback interface the control API needs a token")
        }
        self.desk = desk
        self.host = host == "localhost" ? "127.0.0.1" : host
        self.port = port
        self.token = token
        self.group = group
    }

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onListening: gets the port, which is another one where 0 was asked for.
    /// - Throws: `ProxyFailure` when it cannot listen.
    public func run(onListening: @escaping @Sendable (Int) -> Void) async throws {
        let port = port
        var logger = Logger(label: "rabbittop.control")
        logger.logLevel = .critical
        let application = Application(
            responder: responder, server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? port) },
            eventLoopGroupProvider: .shared(group), logger: logger)
        do {
            try await application.run()
        } catch is CancellationError {
            return
        } catch {
            throw ProxyFailure("the control API cannot listen on \(host):\(port): \(ProxyServer.words(error))")
        }
    }

    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        return host.hasPrefix("127.") && (try? SocketAddress(ipAddress: host, port: 0)) != nil
    }

    // MARK: Answering

    private var responder: ControlResponder {
        ControlResponder(desk: desk, token: token, router: Self.router(desk).buildResponder())
    }

    private static func router(_ desk: ProxyDesk) -> Router<BasicRequestContext> {
        let router = Router()
        for route in ControlRoute.all {
            router.on(route.routerPath, method: route.method) { request, context in
                var request = request
                let body = try await request.collectBody(upTo: Self.largestBody)
                var parameters: [String: String] = [:]
                for (name, value) in request.uri.queryParameters { parameters[String(name)] = String(value) }
                for (name, value) in context.parameters { parameters[String(name)] = String(value) }
                let asked = ControlRequest(
                    body: body, parameters: parameters, accepts: request.headers[.accept] ?? "")
                return response(try await route.handle(asked, desk))
            }
        }
        router.get("/") { _, _ in response(.text(index)) }
        return router
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
        case .stream(let stream, let type):
            headers[.contentType] = type
            return Response(status: .ok, headers: headers, body: .init(asyncSequence: stream))
        }
    }
}

/// Asks for the token, and says what is wrong in JSON.
struct ControlResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let desk: ProxyDesk
    let token: String?
    let router: RouterResponder<BasicRequestContext>

    func respond(to request: Request, context: Context) async throws -> Response {
        do {
            try admit(request)
            let response = try await router.respond(to: request, context: context)
            guard response.status == .notFound, response.body.contentLength == 0 else { return response }
            throw ControlProblem(.notFound, "There is nothing at \(request.uri.path).", "GET / lists what there is.")
        } catch let problem as ControlProblem {
            return ControlAPI.response(.json(problem, problem.status))
        } catch let error as FaultError {
            return ControlAPI.response(
                .json(ControlProblem(.unprocessableContent, error.problem, error.advice), .unprocessableContent))
        } catch let error as HTTPError {
            let words = error.body ?? error.status.reasonPhrase
            return ControlAPI.response(
                .json(ControlProblem(error.status, words, "GET / lists what there is."), error.status))
        }
    }

    private func admit(_ request: Request) throws(ControlProblem) {
        if let token {
            guard let given = request.headers[.authorization], Self.isSame(given, "Bearer \(token)") else {
                throw ControlProblem(
                    .unauthorized, "The token is missing or wrong.", "Send 'Authorization: Bearer TOKEN'.")
            }
        } else if let authority = request.head.authority, !Self.isHere(authority) {
            // A page of some website that had its name resolve to this machine would reach it otherwise.
            throw ControlProblem(.misdirectedRequest, "\(authority) is not this machine.", "Use localhost.")
        } else if request.headers[.origin] != nil {
            // So does a page that sends a request here without being allowed to read its answer.
            throw ControlProblem(.forbidden, "No web page may use this.", "Set a token, and send it.")
        }
    }

    /// Takes as long wherever they differ.
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
