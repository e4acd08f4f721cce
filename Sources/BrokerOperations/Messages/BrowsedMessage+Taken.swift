import AMQPWire
import Foundation
import NIOCore
import Names
import TopCore

extension BrowsedMessage {
    /// The most bytes of a body that is not kept whole.
    static let keptOfLarge = MessageBody.mostBytes

    /// Creates what the browser shows of a message.
    ///
    /// - Parameter room: the largest body that is kept whole, in bytes.
    init(_ message: TakenMessage, position: Int, room: Int) {
        let own = SavedMessage(message).message
        self.init(
            position: position, fingerprint: MessageFingerprint(own), exchange: message.exchange,
            routingKey: message.routingKey)
        redelivered = message.redelivered
        for field in MessageField.allCases where field != .body { values[field] = message.value(of: field) }
        properties = message.propertyTexts
        var headers = own.properties.headers ?? [:]
        if let history = DeathHistory(headers) {
            deaths = history.deaths.map(\.words)
            origin = history.first.queue
            headers.entries.removeAll { DeathHistory.isHeader($0.key) }
        }
        self.headers = HeaderLine.tree(headers)
        savedProperties = Self.json(SavedProperties(properties: own.properties))
        savedHeaders = Self.json(SavedTable(own.properties.headers ?? [:]))
        bodySize = message.body.readableBytes
        body = Array(message.body.readableBytesView.prefix(bodySize <= room ? bodySize : min(room, Self.keptOfLarge)))
        streamOffset = message.properties.headers?[BrokerHeader.streamOffset]?.intValue.map(Int64.init)
    }

    /// The memory that it takes, in bytes, about.
    var footprint: Int {
        2_000 + body.count + 3 * savedHeaders.utf8.count + savedProperties.utf8.count
    }

    private static func json(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The message as it was, for a file.
    func saved(from queue: Name) throws -> SavedMessage {
        var taken = TakenMessage(
            exchange: exchange, routingKey: routingKey, body: ByteBuffer(bytes: body), redelivered: redelivered)
        taken.properties = try Self.properties(savedProperties, headers: savedHeaders)
        return SavedMessage(taken, queue: queue)
    }

    /// Reads properties and headers as messages are saved.
    ///
    /// - Throws: `SavedMessage.Malformed`.
    static func properties(
        _ properties: String, headers: String
    ) throws(SavedMessage.Malformed) -> BasicProperties {
        var result: BasicProperties
        do {
            result = try JSONDecoder().decode(SavedProperties.self, from: Data(properties.utf8)).properties
        } catch {
            throw SavedMessage.Malformed(description: "the properties: \(SavedMessage.words(error))")
        }
        do {
            let table = try JSONDecoder().decode(SavedTable.self, from: Data(headers.utf8)).table
            result.headers = table.isEmpty ? nil : table
        } catch {
            throw SavedMessage.Malformed(description: "the headers: \(SavedMessage.words(error))")
        }
        return result
    }
}

extension MessageFingerprint {
    /// - Parameter message: a message without the headers that its queue added.
    init(_ message: TakenMessage) {
        var content = message
        content.redelivered = false
        var hasher = Hasher()
        hasher.combine(content)
        self.init(hash: hasher.finalize(), size: message.body.readableBytes)
    }
}

extension MessageEdit {
    /// Returns the changed message.
    func applied(to message: TakenMessage, _ properties: BasicProperties) -> TakenMessage {
        var properties = properties
        if dropsDeaths, var headers = properties.headers {
            headers.entries.removeAll { DeathHistory.isHeader($0.key) }
            properties.headers = headers.isEmpty ? nil : headers
        }
        var body = message.body
        if let bytes = self.body { body = ByteBuffer(bytes: bytes) }
        return TakenMessage(exchange: exchange, routingKey: routingKey, properties: properties, body: body)
    }
}
