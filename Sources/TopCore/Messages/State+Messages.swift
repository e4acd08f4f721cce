import Foundation
import Names

extension Form.Key {
    static let which = "which"
    static let queue = "queue"
    static let vhost = "vhost"
    static let userID = "user_id"
    static let death = "death"
    static let way = "by"
    static let properties = "properties"
    static let headers = "headers"
    static let dropsDeaths = "drop_deaths"
    static let removesOriginal = "remove_original"
    static let part = "part"
    static let ownTTL = "own_ttl"
}

/// The forms of the browser of messages.
extension State {
    /// Says what looking at the messages of the selected queue costs, and asks how many are read.
    func browseForm() -> OverlayOutcome {
        guard let id = targetQueue else { return .stays }
        let row = queues.row(.queue(id))
        let isStream = row?.details?.type == "stream"
        if row?.details?.exclusive == true {
            return .says("\(id.name) is exclusive to another connection: the broker would answer 405", .warning)
        }
        var fields: [Form.Field] = []
        if isStream {
            fields.append(
                Form.Field(
                    key: Form.Key.from, label: "From", kind: .text, value: "last",
                    hint: "first, last, next, an offset, a time, 1h"))
        }
        fields.append(Form.Field(key: Form.Key.count, label: "Messages", kind: .count, value: "100"))
        return .fills(
            Form(
                title: "Messages of \(id.name)",
                purpose: .messages(MessageForm(.browse(isStream: isStream), queue: id)),
                lines: costs(of: id, row, isStream: isStream), fields: fields, submitLabel: "Look"))
    }

    /// What looking at messages does to them.
    private func costs(of id: EntityID, _ row: QueueRow?, isStream: Bool) -> [String] {
        if isStream { return [place(of: id), "A consumer of ours reads the stream; reading takes nothing out of it."] }
        let counts = looksCount
        var lines = [
            place(of: id),
            counts
                ? "Messages are fetched and put back: each look counts as a delivery and marks them redelivered."
                : "Messages are fetched and put back, which marks them redelivered.",
        ]
        if let limit = deliveryLimit(of: row), !counts {
            lines.append("A look does not count towards the delivery limit of \(limit.count) since RabbitMQ 4.3.")
        } else if let limit = deliveryLimit(of: row) {
            lines.append(
                "Delivery limit \(limit.count)\(limit.isAssumed ? " (the default of 4.x)" : ""): beyond it a message "
                    + "is dropped or dead-lettered. Reading ends before that.")
        }
        return lines
    }

    /// Whether a look counts towards a delivery limit; assumed when the version is unknown.
    var looksCount: Bool { BrokerVersion(cluster?.version)?.countsLooks ?? true }

    /// Returns the delivery limit in force: quorum queues have a default of 20 since RabbitMQ 4.0.
    /// https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling
    private func deliveryLimit(of row: QueueRow?) -> (count: Int, isAssumed: Bool)? {
        guard let details = row?.details else { return nil }
        if let limit = details.deliveryLimit { return (limit, false) }
        let major = cluster?.version?.split(separator: ".").first.flatMap { Int($0) } ?? 0
        return details.type == "quorum" && major >= 4 ? (20, true) : nil
    }

    /// Returns the form before something is done with messages of the browser.
    func messageForm(for command: BrowserCommand) -> OverlayOutcome {
        guard case .browser(let browser) = overlay, let current = browser.current else { return .stays }
        let name = browser.queue.name
        if browser.page.isStream, [.move, .sendBack, .delete].contains(command) {
            return .says("\(name) is a stream and keeps its messages: they can be copied (c) and saved (w)", .warning)
        }
        let act: MessageForm.Act
        let title: String
        var lines: [String] = []
        var fields: [Form.Field] = []
        let submitLabel: String
        switch command {
        case .move:
            (act, title, submitLabel) = (.move, "Move messages of \(name)", "Move")
            lines = ["Each is confirmed at its target before it leaves the queue: never lost, at most in both."]
            fields = targetFields(browser.queue)
        case .copy:
            (act, title, submitLabel) = (.copy, "Copy messages of \(name)", "Copy")
            lines = ["The messages stay, marked as redelivered."]
            fields = targetFields(browser.queue)
        case .sendBack:
            (act, title, submitLabel) = (.sendBack, "Send dead letters of \(name) back", "Preview")
            lines = ["They are counted first, by reason and origin; nothing moves before you confirm."]
            fields = Self.originFields
        case .delete:
            (act, title, submitLabel) = (.delete, "Delete messages of \(name)", "Delete")
            fields = [Self.rateField]
        case .edit: return .covers(with: .form(Self.editForm(of: current, in: browser.queue, browser.page.isStream)))
        case .save: return .covers(with: .form(saveForm(browser)))
        case .tag, .tagAll, .more, .again, .filter, .search, .searchNext, .searchPrevious, .hex, .next, .previous:
            return .stays
        }
        let (scopes, usual) = browser.scopes(meansAll: command == .sendBack)
        let which = Form.Field(
            key: Form.Key.which, label: "Which", kind: .choice(scopes.map(\.label)), value: usual,
            hint: "← → change it")
        if let why = othersTake(from: browser.queue), command != .copy { lines.append(why) }
        return .covers(
            with: .form(
                Form(
                    title: title, purpose: .messages(MessageForm(act, queue: browser.queue, scopes: scopes)),
                    lines: lines, fields: [which] + fields, submitLabel: submitLabel)))
    }

    private func othersTake(from id: EntityID) -> String? {
        guard let consumers = queues.row(.queue(id))?.consumers, consumers.value > 0 else { return nil }
        let takes = consumers.value == 1 ? "takes" : "take"
        return "\(counted(consumers.value, "consumer")) \(takes) messages of the queue at the same time."
    }

    // MARK: Fields

    private static var rateField: Form.Field {
        Form.Field(
            key: Form.Key.rate, label: "Rate", kind: .number, value: "", hint: "a second; empty: as fast as confirmed")
    }

    private static func choice<Rule: RawRepresentable & CaseIterable>(
        _ key: String, _ label: String, _ value: Rule, hint: String
    ) -> Form.Field where Rule.RawValue == String {
        Form.Field(
            key: key, label: label, kind: .choice(Rule.allCases.map(\.rawValue)), value: value.rawValue, hint: hint)
    }

    private static var copyFields: [Form.Field] {
        [
            choice(
                Form.Key.userID, "Others' user_id", UserIDRule.refuse,
                hint: "the broker takes it from that user alone"),
            choice(Form.Key.ownTTL, "Own TTL", ExpirationRule.keep, hint: "restore: what the broker removed"),
            rateField,
        ]
    }

    private func targetFields(_ queue: EntityID) -> [Form.Field] {
        let name = [
            Form.Field(
                key: Form.Key.queue, label: "To queue", kind: .text, value: "", hint: "or to the exchange below"),
            Form.Field(key: Form.Key.exchange, label: "Exchange", kind: .text, value: ""),
            Form.Field(
                key: Form.Key.routingKey, label: "Routing key", kind: .text, value: "",
                hint: "empty: each keeps its own"),
        ]
        let vhost = Form.Field(key: Form.Key.vhost, label: "Vhost", kind: .text, value: queue.vhost.text)
        return name + [targetClusterField, vhost].compactMap(\.self) + Self.copyFields
    }

    private static var originFields: [Form.Field] {
        [
            choice(Form.Key.death, "Where it died", OriginRule.Death.first, hint: "first or latest"),
            choice(Form.Key.way, "By", OriginRule.Way.queue, hint: "queue: that one alone; exchange: all bound"),
        ] + copyFields
    }

    /// The largest body that is edited on a line, in bytes.
    private static let editedBytes = 64 << 10

    static func editForm(of message: BrowsedMessage, in queue: EntityID, _ isStream: Bool) -> Form {
        var lines: [String] = []
        let text =
            message.isWhole && message.bodySize <= editedBytes
            ? String(validating: message.body, as: UTF8.self) : nil
        var fields = [
            Form.Field(
                key: Form.Key.exchange, label: "Exchange", kind: .text,
                value: message.origin == nil ? message.exchange.text : "", hint: "empty: the default exchange"),
            Form.Field(
                key: Form.Key.routingKey, label: "Routing key", kind: .text,
                value: (message.origin ?? message.routingKey).text),
            Form.Field(key: Form.Key.vhost, label: "Vhost", kind: .text, value: queue.vhost.text),
            Form.Field(
                key: Form.Key.properties, label: "Properties", kind: .text, value: message.savedProperties,
                hint: "JSON, as messages are saved"),
            Form.Field(
                key: Form.Key.headers, label: "Headers", kind: .text, value: message.savedHeaders,
                hint: "JSON: a list of key and type"),
        ]
        if let text {
            fields.append(Form.Field(key: Form.Key.body, label: "Body", kind: .text, value: text))
        } else {
            lines.append("The body goes as it is: it is not text, or too large for a line.")
        }
        if let origin = message.origin {
            lines.append("A dead letter: it goes back into \(origin), where it died first, unless you change that.")
            fields.append(
                Form.Field(
                    key: Form.Key.dropsDeaths, label: "Without x-death", kind: .toggle, value: Form.Field.on,
                    hint: "the headers that tell of its deaths"))
        }
        if !isStream {
            fields.append(
                Form.Field(
                    key: Form.Key.removesOriginal, label: "Remove original", kind: .toggle, value: Form.Field.on,
                    hint: "when the new one is confirmed"))
        }
        return Form(
            title: "Edit and publish message \(message.position) of \(queue.name)",
            purpose: .messages(MessageForm(.edit(message), queue: queue)), lines: lines, fields: fields,
            submitLabel: "Publish")
    }

    /// The part of a message that is written to a file.
    enum SavedPart: String, CaseIterable {
        case message = "message as JSON"
        case body
    }

    private func saveForm(_ browser: MessageBrowser) -> Form {
        let tagged = browser.opened == nil ? browser.taggedMessages : []
        let messages = tagged.isEmpty ? [browser.current].compactMap(\.self) : tagged
        let time = ValueFormat().dateAndTime(now).prefix(19).replacing(" ", with: "-").replacing(":", with: "")
        let name = browser.queue.name.text.unicodeScalars.prefix(60).map { scalar -> String in
            let isPlain =
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == ".")
            return isPlain ? String(scalar) : "-"
        }.joined()
        var fields = [
            Form.Field(
                key: Form.Key.file, label: "File", kind: .text, value: "rabbittop-\(name)-\(time).jsonl",
                hint: "must not exist")
        ]
        if messages.count == 1 {
            fields.append(
                Form.Field(
                    key: Form.Key.part, label: "Write", kind: .choice(SavedPart.allCases.map(\.rawValue)),
                    value: SavedPart.message.rawValue, hint: "← → change it"))
        }
        return Form(
            title: messages.count == 1
                ? "Save message \(messages[0].position)" : "Save \(counted(messages.count, "message"))",
            purpose: .messages(MessageForm(.save(messages), queue: browser.queue)),
            lines: ["rabbittop publish --from and rabbittop messages load publish it again, with all its properties."],
            fields: fields, submitLabel: "Save")
    }
}
