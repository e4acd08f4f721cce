import AsyncHTTPClient
import BrokerOperations
import Faults
import Foundation
import NIOCore
import NIOHTTP1
import RabbitMQManagement

/// A client of the control API of a proxy in another process.
struct ControlClient: Sendable {
    let address: String
    let token: String?

    /// Where the proxy is, judged by the addresses of its host.
    var place: BrokerPlace {
        get async {
            guard let host = URLComponents(string: address)?.host else { return .elsewhere("\(address) has no host") }
            return await BrokerLocator.place(ofHost: host)
        }
    }

    private struct Problem: Decodable {
        var error: String
        var advice: String
    }

    /// Sends a request.
    ///
    /// - Returns: the answer, JSON with a line feed.
    /// - Throws: `CommandError`, with the proxy's own message if it answers.
    func send(_ method: HTTPMethod, _ path: String, _ body: Data? = nil) async throws -> String {
        var base = address
        while base.hasSuffix("/") { base.removeLast() }
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body { request.body = .bytes(ByteBuffer(data: body)) }
        let (status, headers, data) = try await answer(to: request)
        guard (200..<300).contains(status.code) else {
            if (300..<400).contains(status.code) {
                // Without a user, password or token that it may contain.
                let location = headers.first(name: "Location").map { $0.prefix { $0 != "?" && $0 != "#" } }
                let place = location.flatMap { try? HTTPAddress(String($0)) }.map { " to \($0)" } ?? ""
                throw CommandError(
                    "\(address) redirects elsewhere\(place): faults and their token go where they are sent only.\nGive --control the address of the control API itself."
                )
            }
            let problem = try? JSONDecoder().decode(Problem.self, from: data)
            throw CommandError(
                problem.map { "\($0.error) \($0.advice)" } ?? "The control API answered \(status).",
                exitCode: status == .unauthorized ? ExitStatus.notPermitted : ExitStatus.failed)
        }
        guard data.isEmpty || (try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)) != nil else {
            throw CommandError(
                "\(address) answered \(status), but not in JSON.\nGive --control the address of a control API.")
        }
        let text = String(decoding: data, as: UTF8.self)
        return text.isEmpty || text.utf8.last == UInt8(ascii: "\n") ? text : text + "\n"
    }

    private func answer(to request: HTTPClientRequest) async throws -> (HTTPResponseStatus, HTTPHeaders, Data) {
        let http = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: HTTPClient.Configuration(redirectConfiguration: .disallow))
        do {
            let response = try await http.execute(request, timeout: .seconds(15))
            let data = Data(buffer: try await response.body.collect(upTo: 16 << 20))
            try? await http.shutdown()
            return (response.status, response.headers, data)
        } catch {
            try? await http.shutdown()
            throw CommandError(
                "No control API answers at \(address): \(error)\nStart one with 'rabbittop proxy --control 127.0.0.1:8673'.",
                exitCode: ExitStatus.unreachable)
        }
    }
}

/// The token of a control API, as given on the command line of the server or the client.
enum ControlToken {
    static let variable = "RABBITTOP_CONTROL_TOKEN"

    /// Returns the given token.
    ///
    /// - Returns: nil if none was given.
    /// - Throws: `CommandError` for a file that cannot be read or is empty.
    static func given(
        file: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> String? {
        guard let file else {
            guard let token = environment[variable] else { return nil }
            return try checked(token, from: variable)
        }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw CommandError(
                "The token file \(Quotable.path(file)) cannot be read. Check the path and its permissions.")
        }
        if SettingsLoader.othersCanRead(file) {
            Output.complain("\(file) holds a token and others can read it; fix it with: chmod 600 \(file)")
        }
        return try checked(String(decoding: data, as: UTF8.self), from: file)
    }

    private static func checked(_ text: String, from place: String) throws -> String {
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty else { throw CommandError("\(place) has no token. Put one in, or leave it out.") }
        return token
    }
}
