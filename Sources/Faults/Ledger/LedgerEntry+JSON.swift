public import Foundation

/// The entry as JSON, with the column names of the Events view; unknown values are null.
extension LedgerEntry: Encodable {
    private enum CodingKeys: String, CodingKey {
        case id, at, kind, scope, connection, user, vhost, peer, channel, queue, code, text, method, source, fault
        case application, seconds, redelivered, severity, count
        case clientName = "client_name"
        case codeName = "code_name"
        case methodClass = "class"
        case channelsReopened = "channels_reopened"
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(id, forKey: .id)
        try values.encode(Self.time(at), forKey: .at)
        try values.encode(kind, forKey: .kind)
        try values.encode(scope, forKey: .scope)
        try values.encode(connection, forKey: .connection)
        try values.encode(clientName, forKey: .clientName)
        try values.encode(user, forKey: .user)
        try values.encode(vhost, forKey: .vhost)
        try values.encode(peer, forKey: .peer)
        try values.encode(channel, forKey: .channel)
        try values.encode(queue, forKey: .queue)
        try values.encode(code, forKey: .code)
        try values.encode(codeName, forKey: .codeName)
        try values.encode(text, forKey: .text)
        try values.encode(methodClass, forKey: .methodClass)
        try values.encode(method, forKey: .method)
        try values.encode(source, forKey: .source)
        try values.encode(fault, forKey: .fault)
        try values.encode(application, forKey: .application)
        try values.encode(seconds, forKey: .seconds)
        try values.encode(redelivered, forKey: .redelivered)
        try values.encode(channelsReopened, forKey: .channelsReopened)
        try values.encode(severity?.rawValue, forKey: .severity)
        try values.encode(count, forKey: .count)
    }

    /// Formats a time as RFC 3339 in UTC, with milliseconds.
    public static func time(_ date: Date) -> String {
        date.formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
    }
}
