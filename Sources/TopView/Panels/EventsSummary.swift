import Faults
import Screen
import TopCore

/// The number of events by reply code, and the total number of entries.
struct EventsSummary {
    let ledger: Ledger

    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 0 else { return }
        let line = rect.inset(x: 1, y: 0)
        let format = canvas.format
        var trailing = [Span("\(format.count(Int(clamping: ledger.total))) in all", .muted)]
        if ledger.departed > 0 {
            trailing.append(Span(", the newest \(format.count(ledger.count)) kept", .muted))
        }
        if ledger.dropped > 0 {
            trailing.append(
                Span("  \(canvas.marks.alert) \(format.count(Int(clamping: ledger.dropped))) dropped", .warning))
        }
        let length = min(Span.width(trailing), line.width)
        var spans: [Span] = []
        // The most frequent first; equal ones by code.
        let codes = ledger.countByCode.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        for (code, count) in codes {
            if !spans.isEmpty { spans.append(Span("   ")) }
            spans.append(Span("\(code)", code >= 300 ? .critical : .text))
            if let name = ReplyCodeName.of(code) { spans.append(Span(" \(name)", .muted)) }
            spans.append(Span(" \(canvas.marks.plain("×"))\(format.count(Int(clamping: count)))", .text))
        }
        if spans.isEmpty { spans = [Span("no reply codes seen", .faint)] }
        canvas.write(spans, x: line.minX, y: line.minY, width: max(0, line.width - length - 2))
        canvas.write(trailing, x: line.maxX - length, y: line.minY, width: length)
    }
}

/// The names of AMQP 0-9-1 reply codes (specification section 1.5 and RabbitMQ's own).
enum ReplyCodeName {
    static func of(_ code: Int) -> String? {
        switch code {
        case 200: "REPLY_SUCCESS"
        case 311: "CONTENT_TOO_LARGE"
        case 312: "NO_ROUTE"
        case 313: "NO_CONSUMERS"
        case 320: "CONNECTION_FORCED"
        case 402: "INVALID_PATH"
        case 403: "ACCESS_REFUSED"
        case 404: "NOT_FOUND"
        case 405: "RESOURCE_LOCKED"
        case 406: "PRECONDITION_FAILED"
        case 501: "FRAME_ERROR"
        case 502: "SYNTAX_ERROR"
        case 503: "COMMAND_INVALID"
        case 504: "CHANNEL_ERROR"
        case 505: "UNEXPECTED_FRAME"
        case 506: "RESOURCE_ERROR"
        case 530: "NOT_ALLOWED"
        case 540: "NOT_IMPLEMENTED"
        case 541: "INTERNAL_ERROR"
        default: nil
        }
    }
}
