import AsyncHTTPClient
import Faults
import Foundation
import NIOCore
import NIOHTTP1

/// Speaks to the control API of a proxy that runs elsewhere.
struct ControlClient: Sendable {
    let address: String
    let token: String?

    var isOnThisMachine: Bool {
        URLComponents(string: address)?.host.map { LoopbackName.matches($0) } ?? false
    }

    private struct Problem: Decodable {
        var error: String
        var advice: String
    }

    /// - Returns: what was answered, JSON.
    /// - Throws: `CommandError`, with the proxy's own words where it answers.
    func send(_ method: HTTPMethod, _ path: String, _ body: Data? = nil) async throws -> Data {
        var base = address
        while base.hasSuffix("/") { base.removeLast() }
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body { request.body = .bytes(ByteBuffer(data: body)) }
        let response: HTTPClientResponse
        let data: Data
        do {
            response = try await HTTPClient.shared.execute(request, timeout: .seconds(15))
            data = Data(buffer: try await response.body.collect(upTo: 16 << 20))
        } catch {
            throw CommandError(
                "No control API answers at \(address): \(error)\nStart one with 'rabbittop proxy --control 127.0.0.1:8673'.",
                exitCode: ExitStatus.unreachable)
        }
        guard (200..<300).contains(response.status.code) else {
            let problem = try? JSONDecoder().decode(Problem.self, from: data)
            throw CommandError(
                problem.map { "\($0.error) \($0.advice)" } ?? "The control API answered \(response.status).",
                exitCode: response.status == .unauthorized ? ExitStatus.notPermitted : ExitStatus.failed)
        }
        return data
    }
}
