import AMQPWire
import Foundation
import Names

/// Which messages of a queue are meant: those with a text, or that match a regular expression.
public struct MessageFilter: Sendable {
    /// Why a filter cannot be used.
    public struct Invalid: Error, CustomStringConvertible {
        public var description: String
    }

    private enum Condition: Sendable {
        /// Lower case.
        case text(String)
        case pattern(Pattern)
    }

    /// `@unchecked`: a regular expression is not changed once it is made.
    private struct Pattern: @unchecked Sendable {
        let expression: NSRegularExpression
    }

    private let condition: Condition

    /// How much of a body is searched, in bytes.
    static let searchedBytes = 1 << 20

    /// Reads a filter: a text, or `/expression/`. Neither minds the case.
    public init(_ text: String) throws {
        if text.utf8.count > 2, text.hasBytePrefix("/"), text.hasByteSuffix("/") {
            let pattern = String(text.dropFirst().dropLast())
            do {
                condition = .pattern(
                    Pattern(expression: try NSRegularExpression(pattern: pattern, options: .caseInsensitive)))
            } catch {
                throw Invalid(description: "what is between the slashes is not a regular expression.")
            }
        } else {
            condition = .text(text.lowercased())
        }
    }

    /// Whether a message is meant.
    public func callAsFunction(_ message: TakenMessage) -> Bool {
        Self.texts(of: message).contains { text in
            switch condition {
            case .text(let part): text.lowercased().containsBytes(of: part)
            case .pattern(let pattern):
                pattern.expression.firstMatch(
                    in: text, range: NSRange(text.startIndex..<text.endIndex, in: text)) != nil
            }
        }
    }

    private static func texts(of message: TakenMessage) -> some Sequence<String> {
        let properties = message.properties
        let names = [
            message.exchange, message.routingKey, properties.contentType, properties.contentEncoding,
            properties.correlationID, properties.replyTo, properties.expiration, properties.messageID,
            properties.type, properties.userID, properties.appID,
        ]
        let short = names.lazy.compactMap { $0?.text }
        let headers = (properties.headers ?? [:]).lazy.map { "\($0.key)=\($0.value)" }
        let body = CollectionOfOne(message.body.readableBytesView.prefix(searchedBytes)).lazy.map {
            String(decoding: $0, as: UTF8.self)
        }
        return [Array(short), Array(headers), Array(body)].joined()
    }
}
