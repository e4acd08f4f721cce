import Foundation
import Names
import Screen

@testable import TopCore

extension Sample {
    static func message(_ position: Int, key: Name, body: String) -> BrowsedMessage {
        var message = BrowsedMessage(
            position: position, fingerprint: MessageFingerprint(hash: position, size: body.utf8.count), exchange: "",
            routingKey: key)
        message.body = Array(body.utf8)
        message.bodySize = message.body.count
        return message
    }

    private static let json =
        #"{"order": 4711, "items": ["Käse", "豆腐"], "note": ""# + "esc \u{1b}[31m is shown, not obeyed\"}"

    private static let dead: [BrowsedMessage] = (1...40).map { number in
        var message = Sample.message(
            number, key: "orders.created", body: number % 7 == 0 ? "plain text\nof lines" : json)
        message.exchange = "shop"
        message.redelivered = number % 2 == 0
        message.values[.timestamp] = .time(ago(Double(number) * 90))
        message.values[.contentType] = .text("application/json")
        message.values[.size] = .integer(message.bodySize)
        if number % 3 == 0 { message.values[.deliveryCount] = .integer(number) }
        if number % 5 != 0 {
            let origin: Name = number % 2 == 0 ? "orders" : "billing.invoices"
            message.origin = origin
            message.values[.reason] = .text("rejected")
            message.deaths = [
                "rejected in \(origin), 3 times, 2026-11-21T08:00:00Z; published to exchange 'shop' with routing key "
                    + "'orders.created'"
            ]
        }
        message.properties = [
            DetailField("content_type", "application/json"), DetailField("delivery_mode", "2"),
            DetailField("message_id", "5b0c2d4e-7f3a-4d55-9b1e-0c1f6b7f2a11"),
            DetailField("timestamp", "2026-11-21T08:29:58Z"),
        ]
        message.headers = [
            HeaderLine(depth: 0, name: "x-retries", value: "3"), HeaderLine(depth: 0, name: "trace", value: nil),
            HeaderLine(depth: 1, name: "id", value: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            HeaderLine(depth: 1, name: "at", value: "2026-11-21T08:29:57Z"),
        ]
        message.savedHeaders = #"[{"int32":3,"key":"x-retries"}]"#
        message.savedProperties = #"{"content_type":"application/json","delivery_mode":2}"#
        return message
    }

    private static func browsing(_ messages: [BrowsedMessage] = dead) -> MessageBrowser {
        var browser = MessageBrowser(
            BrowsedPage(
                BrowseRequest(queue: orders, count: 100), messages: messages, ready: 1_043, isEnd: false,
                notes: ["each look counts as a delivery: 4 of 20 used by the most delivered of these"]),
            readAt: ago(5), size: Size(width: 120, height: 40))
        browser.tagged = messages.count > 3 ? [1, 3] : []
        browser.selected = messages.count > 2 ? 2 : 0
        return browser
    }

    static let messages = Overlay.browser(browsing())

    static let filtered: Overlay = {
        var browser = browsing()
        _ = browser.take(.command(.browser(.filter)))
        for character in "reason = rejected and size > 1M and x" { _ = browser.take(.key(.character(character))) }
        return .browser(browser)
    }()

    static func message(isHex: Bool = false) -> Overlay {
        var browser = browsing()
        _ = browser.take(.command(.accept))
        if isHex { _ = browser.take(.command(.browser(.hex))) }
        _ = browser.take(.command(.browser(.search)))
        for character in "trace" { _ = browser.take(.key(.character(character))) }
        _ = browser.take(.command(.accept))
        _ = browser.take(.move(.top, OverlayRoom(page: 10, limit: 100)))
        return .browser(browser)
    }

    static let binary: Overlay = {
        var large = message(1, key: "orders", body: "")
        large.body = (0..<96).map { UInt8(truncatingIfNeeded: $0 * 37) }
        large.bodySize = 4_096
        var browser = browsing([large])
        _ = browser.take(.command(.accept))
        return .browser(browser)
    }()

    static let sendBack = Overlay.confirmation(
        ConfirmationPrompt(
            title: "Send 30 dead letters of orders.dead back?",
            lines: [
                "12 to queue billing.invoices (expired)", "10 to queue emails (maxlen)",
                "8 to queue orders (rejected)",
                "The headers x-death are removed. Each is confirmed before it leaves the queue.",
            ], confirmLabel: "Send back",
            operation: .messages(.act(MessageAction(.move(.origin(OriginRule())), .all, of: orders)))))

    static let editMessage = Overlay.form(State.editForm(of: dead[0], in: orders, false))
}
