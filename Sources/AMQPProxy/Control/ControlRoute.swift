import Faults
import Foundation
import HTTPTypes
import Hummingbird

/// A route of the control API; its router and its description are made from these.
struct ControlRoute: Sendable {
    struct Parameter: Sendable {
        var name: String
        /// Where the parameter is sent: `path` or `query`.
        var place: String
        /// The JSON Schema type.
        var type: String
        var help: String
    }

    var method: HTTPRequest.Method
    /// The path, such as `/sessions/{id}`.
    var path: String
    var summary: String
    var parameters: [Parameter] = []
    /// The name of the description's schema for the request body; nil without a body.
    var body: String?
    /// A description of the answer.
    var answer: String
    var answerType = "application/json"
    var status = HTTPResponse.Status.ok
    var handle: @Sendable (ControlRequest, ProxyController) async throws -> ControlAnswer

    /// The path in the router's syntax.
    var routerPath: RouterPath {
        RouterPath(
            path.split(separator: "/").map { part in part.hasPrefix("{") ? ":\(part.dropFirst().dropLast())" : "\(part)"
            }
            .joined(separator: "/"))
    }
}

/// A request with the values that a handler needs.
struct ControlRequest: Sendable {
    var body: ByteBuffer
    var parameters: [String: String]
    var accepts: String
    /// The gate for readers of the events.
    var followers: RequestGate

    func integer<Integer: FixedWidthInteger>(_ name: String) throws -> Integer? {
        guard let text = parameters[name] else { return nil }
        guard let value = Integer(text) else {
            throw ControlProblem(
                .badRequest, "'\(name)' cannot be '\(text.shortened(to: 80))'.", "It is a whole number.")
        }
        return value
    }

    func decode<Value: Decodable>(_: Value.Type) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(buffer: body))
        } catch let error as DecodingError {
            let words = Self.words(error, Data(buffer: body))
            throw ControlProblem(.badRequest, words, "See /openapi.json for what is expected.")
        }
    }

    /// Whether the body is JSON once each number is replaced by 0.
    private static func isJSON(besidesNumbers body: Data) -> Bool {
        var masked = Data()
        var isQuoted = false
        var isEscaped = false
        var isNumber = false
        for byte in body {
            if isQuoted {
                masked.append(byte)
                isQuoted = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                continue
            }
            isQuoted = byte == UInt8(ascii: "\"")
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                if !isNumber { masked.append(UInt8(ascii: "0")) }
                isNumber = true
            case UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "e"), UInt8(ascii: "E"):
                if !isNumber { masked.append(byte) }
            default:
                isNumber = false
                masked.append(byte)
            }
        }
        return (try? JSONSerialization.jsonObject(with: masked)) != nil
    }

    static func words(_ error: DecodingError, _ body: Data) -> String {
        func place(_ context: DecodingError.Context) -> String {
            context.codingPath.isEmpty
                ? "" : " at '\(context.codingPath.map(\.stringValue).joined(separator: ".").shortened(to: 200))'"
        }
        return switch error {
        case .keyNotFound(let key, let context): "'\(key.stringValue.shortened(to: 80))' is missing\(place(context))."
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "The wrong kind of value\(place(context))."
        case .dataCorrupted(let context):
            if context.debugDescription.contains("valid JSON") {
                // The decoder also throws this error for a number that no numeric type can hold.
                Self.isJSON(besidesNumbers: body)
                    ? "A number is beyond what can be represented." : "The body is not JSON."
            } else {
                "\(context.debugDescription.shortened(to: 400))\(place(context))."
            }
        @unknown default: "The body cannot be read."
        }
    }
}

enum ControlAnswer {
    case json(any Encodable & Sendable, HTTPResponse.Status = .ok)
    /// A part of a list, and the URL of the next part; nil at the end.
    case page(any Encodable & Sendable, next: String?)
    case text(String)
    /// Server-sent events, or one JSON object per line.
    case feed(LedgerFeed, RequestGate.Slot, asEvents: Bool)
}

/// What is wrong with a request.
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
