import Foundation
import HTTPTypes
import Hummingbird

/// One line of the table of what the control API answers: its router and its description are made from it.
struct ControlRoute: Sendable {
    struct Parameter: Sendable {
        var name: String
        /// `path` or `query`.
        var place: String
        /// A type of JSON Schema.
        var type: String
        var help: String
    }

    var method: HTTPRequest.Method
    /// `/sessions/{id}`.
    var path: String
    var summary: String
    var parameters: [Parameter] = []
    /// What has to be sent, as a schema of the description.
    var body: String?
    /// What is answered, in words.
    var answer: String
    var answerType = "application/json"
    var status = HTTPResponse.Status.ok
    var handle: @Sendable (ControlRequest, ProxyDesk) async throws -> ControlAnswer

    /// The path as the router writes it.
    var routerPath: RouterPath {
        RouterPath(
            path.split(separator: "/").map { part in part.hasPrefix("{") ? ":\(part.dropFirst().dropLast())" : "\(part)"
            }
            .joined(separator: "/"))
    }
}

/// A request with what a handler asks of it.
struct ControlRequest: Sendable {
    var body: ByteBuffer
    var parameters: [String: String]
    var accepts: String

    func integer<Integer: FixedWidthInteger>(_ name: String) throws -> Integer? {
        guard let text = parameters[name] else { return nil }
        guard let value = Integer(text) else {
            throw ControlProblem(.badRequest, "'\(name)' cannot be '\(text)'.", "It is a whole number.")
        }
        return value
    }

    func decode<Value: Decodable>(_: Value.Type) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(buffer: body))
        } catch let error as DecodingError {
            throw ControlProblem(.badRequest, Self.words(error), "See /openapi.json for what is expected.")
        }
    }

    static func words(_ error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            context.codingPath.isEmpty ? "" : " at '\(context.codingPath.map(\.stringValue).joined(separator: "."))'"
        }
        return switch error {
        case .keyNotFound(let key, let context): "'\(key.stringValue)' is missing\(place(context))."
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "The wrong kind of value\(place(context))."
        case .dataCorrupted(let context):
            context.debugDescription.contains("valid JSON")
                ? "The body is not JSON." : "\(context.debugDescription)\(place(context))."
        @unknown default: "The body cannot be read."
        }
    }
}

enum ControlAnswer {
    case json(any Encodable & Sendable, HTTPResponse.Status = .ok)
    case text(String)
    case stream(AsyncStream<ByteBuffer>, type: String)
}

/// Something is wrong with a request.
struct ControlProblem: Error, Encodable {
    var status: HTTPResponse.Status
    var problem: String
    var advice: String

    init(_ status: HTTPResponse.Status, _ problem: String, _ advice: String) {
        self.status = status
        self.problem = problem
        self.advice = advice
    }

    enum CodingKeys: String, CodingKey {
        case problem = "error"
        case advice
    }
}
