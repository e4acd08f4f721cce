import Foundation
import Names
import Screen
import TopCore

/// The columns of the table of messages, of widths that depend on the room and on what the messages say.
struct MessageColumns {
    private enum Column {
        case position, key, exchange, size, age, redelivered, count, death, body

        var title: String {
            switch self {
            case .position: "#"
            case .key: "ROUTING KEY"
            case .exchange: "EXCHANGE"
            case .size: "SIZE"
            case .age: "AGE"
            case .redelivered: "RE"
            case .count: "DLV"
            case .death: "DIED"
            case .body: "BODY"
            }
        }

        /// The columns it needs, if its width does not depend on the room.
        var width: Int? {
            switch self {
            case .position: 5
            case .size: 7
            case .age: 6
            case .redelivered, .count: 3
            case .key, .exchange, .death, .body: nil
            }
        }

        /// Its part of the room that is left, compared with others.
        var share: Int {
            switch self {
            case .key: 3
            case .exchange: 2
            case .death, .body: 4
            case .position, .size, .age, .redelivered, .count: 0
            }
        }

        var alignment: Text.Alignment {
            switch self {
            case .position, .size, .age, .count: .trailing
            case .redelivered, .key, .exchange, .death, .body: .leading
            }
        }
    }

    private var places: [(column: Column, x: Int, width: Int)] = []

    /// The columns before the first: the marks of the cursor and the tag.
    private static let marks = 3

    init(_ messages: [BrowsedMessage], width: Int) {
        var columns: [Column] = [.position, .key]
        if width >= 50 { columns.append(.exchange) }
        columns += [.size, .age]
        if width >= 44 { columns.append(.redelivered) }
        if messages.contains(where: { $0.values[.deliveryCount, default: .none] != .none }) { columns.append(.count) }
        if messages.contains(where: { !$0.deaths.isEmpty }) { columns.append(.death) }
        if width >= 100 || columns.last != .death, width >= 60 { columns.append(.body) }
        let fixed = columns.reduce(Self.marks + columns.count - 1) { $0 + ($1.width ?? 0) }
        let shares = columns.reduce(0) { $0 + $1.share }
        let room = max(0, width - fixed)
        var x = Self.marks
        var given = 0
        var sum = 0
        for column in columns {
            var own = column.width ?? 0
            if column.share > 0 {
                sum += column.share
                own = room * sum / shares - given
                given += own
            }
            own = min(own, max(0, width - x))
            if own > 0 { places.append((column, x, own)) }
            x += own + 1
        }
    }

    func drawHeading(in row: Rect, on canvas: inout Canvas) {
        guard row.height > 0 else { return }
        for place in places {
            canvas.field(
                place.column.title, x: row.minX + place.x, y: row.minY, width: place.width, .heading,
                alignment: place.column.alignment)
        }
    }

    func draw(_ message: BrowsedMessage, in row: Rect, _ role: Role, isSelected: Bool, on canvas: inout Canvas) {
        for place in places {
            let text = text(place.column, message, width: place.width, canvas)
            let isUnknown = text == canvas.marks.unknown
            canvas.field(
                text, x: row.minX + place.x, y: row.minY, width: place.width,
                isSelected ? role : isUnknown ? .faint : place.column == .body ? .muted : role,
                alignment: place.column.alignment)
        }
    }

    private func text(_ column: Column, _ message: BrowsedMessage, width: Int, _ canvas: Canvas) -> String {
        switch column {
        case .position: return String(message.position)
        case .key: return message.routingKey.text
        case .exchange: return message.exchange.isEmpty ? "(default)" : message.exchange.text
        case .size: return canvas.format.bytes(Double(message.bodySize), width: width)
        case .age:
            guard case .time(let time)? = message.values[.timestamp] else { return canvas.marks.unknown }
            return canvas.age(canvas.now.timeIntervalSince(time))
        case .redelivered: return message.redelivered ? "yes" : ""
        case .count:
            guard case .integer(let count)? = message.values[.deliveryCount] else { return canvas.marks.unknown }
            return canvas.count(count, width: width)
        case .death:
            guard case .text(let reason)? = message.values[.reason], let origin = message.origin else { return "" }
            return "\(reason) in \(origin)"
        case .body:
            // As many bytes as columns are enough, of a text of any script.
            return String(decoding: message.body.prefix(4 * width), as: UTF8.self)
        }
    }
}
