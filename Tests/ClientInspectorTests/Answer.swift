import AsyncHTTPClient
import ClientInspector
import Foundation
import NIOCore
import NIOHTTP1

/// What an inspector answered.
struct Answer {
    var status: Int
    var headers: HTTPHeaders
    var body: String

    /// Asks an inspector at its address.
    init(
        _ address: InspectorAddress, _ path: String, _ method: HTTPMethod = .GET, headers: HTTPHeaders = [:]
    ) async throws {
        var request = HTTPClientRequest(url: try Self.url(address, path))
        request.method = method
        request.headers = headers
        request.headers.add(name: "Connection", value: "close")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        status = Int(response.status.code)
        self.headers = response.headers
        body = String(buffer: try await response.body.collect(upTo: 1 << 24))
    }

    private struct NoURL: Error {}

    private static func url(_ address: InspectorAddress, _ path: String) throws -> String {
        switch address {
        case .loopback: return address.description + path
        case .unix(let socket):
            guard let url = URL(httpURLWithSocketPath: socket, uri: path) else { throw NoURL() }
            return url.absoluteString
        }
    }

    var json: [String: Any] {
        get throws { try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any] ?? [:] }
    }
}

/// A folder that goes with the test.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(
        path: "inspector-\(UUID().uuidString.prefix(8))", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.path(percentEncoded: false).replacing(/\/$/, with: ""))
}

/// The error that `body` throws; nil when it throws none or one of another type.
func inspectorError(_ body: () async throws -> Void) async -> InspectorError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? InspectorError
    }
}
