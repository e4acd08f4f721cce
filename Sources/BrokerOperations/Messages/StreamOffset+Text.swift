import Foundation
import Names
public import RabbitMQClient

extension StreamOffset {
    /// Reads a place in a stream: `first`, `last`, `next`, an offset, a time in RFC 3339 or an age such as `1h`.
    public init?(text: String) {
        if text.hasSameBytes(as: "first") {
            self = .first
        } else if text.hasSameBytes(as: "last") {
            self = .last
        } else if text.hasSameBytes(as: "next") {
            self = .next
        } else if let offset = Int64(text), offset >= 0 {
            self = .offset(offset)
        } else if let time = try? Date(text, strategy: .iso8601) {
            self = .timestamp(time)
        } else if let unit = text.utf8.last, "YMDhms".utf8.contains(unit), let number = Int32(text.dropLast()),
            number > 0
        {
            self = .age(text)
        } else {
            return nil
        }
    }
}
