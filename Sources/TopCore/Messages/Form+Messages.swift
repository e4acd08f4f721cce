import Foundation
import Names

extension Form {
    /// Reads the values of a form about messages.
    func submitted(_ purpose: MessageForm, in state: State) -> OverlayOutcome {
        var form = self
        for index in form.fields.indices { form.fields[index].problem = nil }
        var reader = FormReader(form: form)
        let outcome: OverlayOutcome
        switch purpose.act {
        case .browse(let isStream):
            let count = reader.whole(Key.count, 1...BrowseRequest.most)
            let start = isStream ? reader.text(Key.from) : "first"
            if start.isEmpty { reader.form.note(Key.from, "first, last, next, an offset, a time or an age") }
            outcome = .starts(.messages(.browse(BrowseRequest(queue: purpose.queue, count: count, start: start))))
        case .move: outcome = reader.action(purpose, in: state) { .move($0.target()) }
        case .copy: outcome = reader.action(purpose, in: state) { .copy($0.target()) }
        case .sendBack:
            outcome = reader.action(purpose, in: state, isPreviewed: true) { reader in
                .move(
                    .origin(
                        OriginRule(
                            OriginRule.Death(rawValue: reader.text(Key.death)) ?? .first,
                            by: OriginRule.Way(rawValue: reader.text(Key.way)) ?? .queue)))
            }
        case .delete: outcome = reader.action(purpose, in: state) { _ in .delete }
        case .edit(let message): outcome = reader.edit(message, purpose)
        case .save(let messages): outcome = reader.save(messages, purpose)
        }
        return reader.form.focusOnProblem() ? .fills(reader.form) : outcome
    }
}

extension FormReader {
    fileprivate mutating func action(
        _ purpose: MessageForm, in state: State, isPreviewed: Bool = false,
        _ work: (inout FormReader) -> MessageAction.Work
    ) -> OverlayOutcome {
        let label = text(Key.which, trimmed: false)
        let scope = purpose.scopes.first { $0.label.hasSameBytes(as: label) }
        var action = MessageAction(work(&self), scope?.selection ?? .these([:], deepest: 0), of: purpose.queue)
        if form[Key.vhost] != nil { action.vhost = vhost() }
        if form[Key.cluster] != nil {
            action.cluster = state.targetCluster(labelled: text(Key.cluster, trimmed: false))
        }
        action.userID = UserIDRule(rawValue: text(Key.userID)) ?? .refuse
        action.expiration = ExpirationRule(rawValue: text(Key.ownTTL)) ?? .keep
        action.rate = positive(Key.rate)
        if isPreviewed { return .starts(.messages(.preview(action))) }
        guard action.work == .delete else { return .starts(.messages(.act(action))) }
        return .asks(
            ConfirmationPrompt(
                title: "Delete messages of \(purpose.queue.name)?",
                lines: [
                    "in vhost \(purpose.queue.vhost)", "throws away \(label)", "This cannot be undone.",
                ], confirmLabel: "Delete", operation: .messages(.act(action))))
    }

    fileprivate mutating func vhost() -> Name {
        let vhost = name(Key.vhost)
        if vhost.isEmpty { form.note(Key.vhost, "the vhost of the target") }
        return vhost
    }

    fileprivate mutating func target() -> MessageDestination {
        let queue = name(Key.queue)
        let exchange = name(Key.exchange)
        let routingKey = name(Key.routingKey)
        if queue.isEmpty, exchange.isEmpty { form.note(Key.queue, "a queue here, or an exchange below") }
        if !queue.isEmpty, !exchange.isEmpty { form.note(Key.exchange, "a queue or an exchange, not both") }
        if exchange.isEmpty, !routingKey.isEmpty { form.note(Key.routingKey, "it belongs to an exchange") }
        return queue.isEmpty
            ? .exchange(exchange, routingKey: routingKey.isEmpty ? nil : routingKey) : .queue(queue)
    }

    fileprivate mutating func edit(_ message: BrowsedMessage, _ purpose: MessageForm) -> OverlayOutcome {
        let properties = text(Key.properties)
        let headers = text(Key.headers)
        if !(Self.json(properties) is [String: Any]) {
            form.note(Key.properties, #"JSON, as {"content_type": "text/plain"}"#)
        }
        if !(Self.json(headers) is [Any]) { form.note(Key.headers, #"JSON, as [{"key": "attempt", "int32": 3}]"#) }
        let body = form[Key.body].map { Array($0.editor.text.utf8) }
        let edit = MessageEdit(
            exchange: name(Key.exchange, as: message.exchange),
            routingKey: name(Key.routingKey, as: message.origin ?? message.routingKey), properties: properties,
            headers: headers,
            body: body, dropsDeaths: form[Key.dropsDeaths]?.isOn ?? false)
        var action = MessageAction(
            .republish(edit, removesOriginal: form[Key.removesOriginal]?.isOn ?? false),
            MessageBrowser.selection(of: [message]), of: purpose.queue)
        action.vhost = vhost()
        return .starts(.messages(.act(action)))
    }

    /// Returns a name as typed, or this one where it was not changed: its bytes need not be text.
    private mutating func name(_ key: String, as before: Name) -> Name {
        let typed = name(key)
        return typed.text.hasSameBytes(as: before.text) ? before : typed
    }

    private static func json(_ text: String) -> Any? {
        try? JSONSerialization.jsonObject(with: Data(text.utf8))
    }

    fileprivate mutating func save(_ messages: [BrowsedMessage], _ purpose: MessageForm) -> OverlayOutcome {
        let path = text(Key.file)
        if path.isEmpty { form.note(Key.file, "the file to write") }
        if messages.contains(where: { !$0.isWhole }) {
            form.note(Key.file, "only the beginning was read: use rabbittop messages save")
        }
        let isBody = form[Key.part].map { $0.editor.text.hasSameBytes(as: State.SavedPart.body.rawValue) } ?? false
        let content: WriteRequest.Content =
            isBody && messages.count == 1 ? .body(messages[0].body) : .messages(messages, queue: purpose.queue.name)
        return .starts(.write(WriteRequest(path: path, content: content)))
    }
}
