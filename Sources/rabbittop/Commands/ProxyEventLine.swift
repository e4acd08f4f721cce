import AMQPProxy
import AMQPWire
import Foundation
import Screen

/// One event of the proxy, for people and for programs.
struct ProxyEventLine {
    private let event: ProxyEvent

    init(_ event: ProxyEvent) { self.event = event }

    private var closing: (channel: UInt16?, code: UInt16, text: String, by: String)? {
        switch event.news {
        case .channelClosed(let number, let side, let closing): (number, closing.code, closing.text, side.rawValue)
        case .connectionClosed(let side, let closing): (nil, closing.code, closing.text, side.rawValue)
        case .channelCut(let number, let request): (number, request.code, request.text, "rabbittop")
        case .connectionCut(let code, let text, _): (nil, code, text, "rabbittop")
        case .returned(let number, let code, let text, _, _): (number, code, text, "broker")
        default: nil
        }
    }

    private var kind: String {
        switch event.news {
        case .opened: "opened"
        case .channelClosed, .channelCut: "channel closed"
        case .connectionClosed, .connectionCut: "connection closed"
        case .returned: "returned"
        case .consumerCancelled: "cancelled"
        case .consumerCut: "cancelled"
        case .channelOpened: "channel opened"
        case .published: "published"
        case .consumed: "consumed"
        case .struck: "fault"
        case .blocked: "blocked"
        case .unblocked: "unblocked"
        case .notUnderstood: "not understood"
        case .ended: "ended"
        case .upstreamAway: "broker away"
        }
    }

    /// What there is to say beyond code and text.
    private var detail: String? {
        switch event.news {
        case .opened(let identity):
            [
                identity.user.map { "user \($0)" }, identity.virtualHost.map { "vhost \($0)" },
                [identity.product, identity.version].compactMap(\.self).joined(separator: " "),
                identity.heartbeat.map { "heartbeat \($0) s" },
            ].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ", ")
        case .returned(_, _, _, let exchange, let key): "exchange '\(exchange)', routing key '\(key)'"
        case .consumerCancelled(let number, let tag, let queue):
            "consumer \(tag) of queue \(queue ?? "?") on channel \(number)"
        case .consumerCut(let number, let tag, let queue, let fault):
            "consumer \(tag) of queue \(queue) on channel \(number), by \(fault)"
        case .channelOpened(let number), .published(let number), .consumed(let number): "channel \(number)"
        case .struck(let fault, let channel): channel.map { "\(fault) on channel \($0)" } ?? fault
        case .blocked(let reason): reason
        case .notUnderstood(let side, let why): "the \(side.rawValue): \(why); it passes unread"
        case .ended(let side): side.map { "the \($0.rawValue) closed its socket" } ?? "by rabbittop"
        case .upstreamAway(let why): why
        default: nil
        }
    }

    var text: String {
        let time = Date(timeIntervalSince1970: event.at)
            .formatted(.iso8601.time(includingFractionalSeconds: true).timeZoneSeparator(.omitted))
        var words = [String(time.prefix(12)), "#\(event.session)"]
        if let name = event.identity.clientName { words.append(name) }
        words.append(kind)
        if let closing {
            if let channel = closing.channel { words.append("\(channel)") }
            words.append("by \(closing.by):")
            words.append("\(closing.code) \(ReplyCode(rawValue: closing.code).name)")
            if !closing.text.isEmpty { words.append("\"\(closing.text)\"") }
        }
        if let detail, !detail.isEmpty { words.append("(\(detail))") }
        return Text.visible(words.joined(separator: " "))
    }

    private struct JSON: Encodable {
        var at: String
        var session: UInt64
        var clientName: String?
        var user: String?
        var vhost: String?
        var kind: String
        var channel: UInt16?
        var code: UInt16?
        var codeName: String?
        var text: String?
        var by: String?
        var detail: String?

        enum CodingKeys: String, CodingKey {
            case at, session, user, vhost, kind, channel, code, text, by, detail
            case clientName = "client_name"
            case codeName = "code_name"
        }
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let value = JSON(
            at: Date(timeIntervalSince1970: event.at).formatted(
                .iso8601.year().month().day().time(includingFractionalSeconds: true)),
            session: event.session, clientName: event.identity.clientName, user: event.identity.user,
            vhost: event.identity.virtualHost, kind: kind, channel: closing?.channel, code: closing?.code,
            codeName: closing.map { ReplyCode(rawValue: $0.code).name }, text: closing?.text, by: closing?.by,
            detail: detail)
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
