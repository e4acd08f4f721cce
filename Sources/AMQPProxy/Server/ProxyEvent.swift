import AMQPWire
public import Faults
import Foundation
import Names

/// Something that happened in a session.
public struct ProxyEvent: Sendable {
    /// When it happened, in seconds since 1970.
    public var at: Double
    /// The number of the session.
    public var session: UInt64
    /// The client's address and port.
    public var peer: String
    /// The broker's name of the proxy's connection, `127.0.0.1:50640 -> 127.0.0.1:5672`; nil until it is connected.
    public var connection: String?
    /// The client's identity as far as it was known.
    public var identity: SessionIdentity
    /// What happened.
    public var event: SessionEvent
    /// The label of the fault that caused it, as the frames show it.
    public var fault: String?
}

extension ProxyEvent {
    /// The report of the event for the ledger; nil for a routine event.
    public var report: LedgerReport? {
        switch event {
        case .opened: .entry(entry(.opened, .connection, openedText))
        case .channelOpened(let number): .activity(activity(.channelOpened, number))
        case .published(let number): .activity(activity(.published, number))
        case .consumed(let number): .activity(activity(.consumed, number))
        case .redelivered(let number, let count): .activity(activity(.consumed, number, redelivered: count))
        case .struck(let fault, let channel): .touch(FaultTouch(at: time, clientIdentity(channel)), fault: fault.label)
        case .channelClosed(let number, let side, let closing):
            // An application's own orderly close is not reported, nor is the answering close of the other side.
            closing.code == ReplyCode.success.rawValue && side == .client
                ? nil : .entry(closed(.channel, number, closing, by: side))
        case .connectionClosed(let side, let closing): .entry(closed(.connection, nil, closing, by: side))
        case .returned(let number, let code, _, let exchange, let key):
            .entry(
                entry(
                    .returned, .channel, "exchange '\(exchange)', routing key '\(key)'", channel: number, code: code))
        case .consumerCancelled(let number, let tag, let queue):
            .entry(entry(.cancelled, .channel, "the broker cancelled consumer \(tag)", channel: number, queue: queue))
        case .consumerCut(let number, let tag, let queue, _):
            .entry(
                entry(
                    .cancelled, .channel, "consumer \(tag) was cancelled by the proxy", channel: number, queue: queue))
        case .blocked(let reason): .entry(entry(.blocked, .connection, reason))
        case .unblocked: .entry(entry(.unblocked, .connection, "may publish again"))
        case .channelCut(let number, let request):
            .entry(
                entry(
                    .error, .channel,
                    "\(Self.bare(request.text, request.code)) (sent by the proxy to \(Self.words(request.towards)))",
                    channel: number, code: request.code))
        case .connectionCut(let code, let text, _):
            .entry(entry(.error, .connection, "\(Self.bare(text, code)) (sent by the proxy)", code: code))
        case .notUnderstood(let side, let why):
            .entry(
                entry(
                    .source, .connection,
                    "the \(side.rawValue): \(why); everything passes without being read from here on"))
        case .passedUnheld:
            .entry(
                entry(
                    .source, .connection,
                    "no more than the \(SessionMachine.heldBytesLimit >> 20) MiB of a connection, or the "
                        + "\(FaultCounters().heldBytesLimit >> 20) MiB of all can be held: what the fault should hold passes unchanged"
                ))
        case .ended(let side):
            .entry(
                entry(
                    .closed, .connection,
                    side.map { "the \($0.rawValue)'s socket closed first" } ?? "the proxy closed it"))
        case .upstreamAway(let why): .entry(entry(.source, .connection, "the broker behind the proxy is away: \(why)"))
        }
    }

    private var time: Date { Date(timeIntervalSince1970: at) }

    private func clientIdentity(_ channel: UInt16?) -> ClientIdentity {
        ClientIdentity(
            connection: connection, clientName: identity.clientName?.text, user: identity.user?.text,
            vhost: identity.virtualHost?.text,
            peer: peer, channel: channel.map(Int.init))
    }

    private func activity(_ kind: ApplicationActivity.Kind, _ channel: UInt16, redelivered: Int = 0)
        -> ApplicationActivity
    {
        ApplicationActivity(
            at: time, connection: connection, clientName: identity.clientName?.text, user: identity.user?.text,
            vhost: identity.virtualHost?.text, peer: peer, channel: Int(channel), kind: kind,
            redelivered: redelivered)
    }

    private func entry(
        _ kind: LedgerEntry.Kind, _ scope: LedgerEntry.Scope, _ text: String, channel: UInt16? = nil,
        queue: Name? = nil, code: UInt16? = nil
    ) -> LedgerEntry {
        LedgerEntry(
            at: time, kind: kind, scope: scope, connection: connection, clientName: identity.clientName?.text,
            user: identity.user?.text, vhost: identity.virtualHost?.text, peer: peer, channel: channel.map(Int.init),
            queue: queue?.text,
            code: code.map(Int.init), codeName: code.map { ReplyCode(rawValue: $0).name }, text: text, source: .proxy,
            fault: fault)
    }

    private func closed(_ scope: LedgerEntry.Scope, _ channel: UInt16?, _ closing: Closing, by side: Side)
        -> LedgerEntry
    {
        let code = ReplyCode(rawValue: closing.code)
        let isOrderly = code == .success
        var text = Self.bare(closing.text, closing.code)
        text += text.isEmpty ? "by the \(side.rawValue)" : " (by the \(side.rawValue))"
        var entry = entry(isOrderly ? .closed : .error, scope, text, channel: channel, code: closing.code)
        let method = MethodID(classID: closing.classID, methodID: closing.methodID).name?.split(separator: ".")
        entry.methodClass = method?.first.map(String.init)
        entry.method = method?.last.map(String.init)
        return entry
    }

    /// Returns a reply text without the leading name of the code, because the name is shown already.
    private static func bare(_ text: String, _ code: UInt16) -> String {
        let prefix = ReplyCode(rawValue: code).name + " - "
        return text.hasBytePrefix(prefix) ? String(text.utf8.dropFirst(prefix.utf8.count)) ?? text : text
    }

    private var openedText: String {
        [
            [identity.product, identity.version].compactMap(\.self).joined(separator: " "),
            identity.heartbeat.map { "heartbeat \($0) s" } ?? "",
        ].filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private static func words(_ sides: Set<Side>) -> String {
        sides.map(\.rawValue).sorted(by: >).joined(separator: " and ")
    }
}
