import Names
import Screen

extension State {
    /// Takes what an operation on messages found or did.
    mutating func take(_ report: MessageReport, of id: OperationID) {
        switch report {
        case .browsed(let page): take(page, of: id)
        case .preview(let action, let lines, let movable):
            end(id, .finished, "\(counted(movable, "dead letter")) can go back", .info)
            show(preview: lines, of: action, movable: movable)
        case .acted(let action, let summary, let lines, let end): take(action, summary, lines, end, of: id)
        }
    }

    private mutating func take(_ page: BrowsedPage, of id: OperationID) {
        let queue = page.request.queue
        guard !page.messages.isEmpty else {
            end(id, .finished, page.isStream ? "no message there" : "no message is ready in \(queue.name)", .info)
            overlays.changeBrowser(of: queue) { $0.isOld = true }
            return
        }
        let what = counted(page.messages.count, "message")
        end(id, .finished, page.isStream ? "\(what) read" : "\(what) looked at and put back", .success)
        var browser = MessageBrowser(page, readAt: now, size: size)
        let isOpen = overlays.changeBrowser(of: queue) { before in
            browser.follow(before)
            before = browser
        }
        if !isOpen { overlays.offer(.browser(browser)) }
    }

    /// Asks whether dead letters are to go where the preview says.
    private mutating func show(preview lines: [String], of action: MessageAction, movable: Int) {
        let overlay: Overlay
        if movable > 0 {
            overlay = .confirmation(
                ConfirmationPrompt(
                    title: "Send \(counted(movable, "dead letter")) of \(action.queue.name) back?",
                    lines: lines + ["The headers x-death are removed. Each is confirmed before it leaves the queue."],
                    confirmLabel: "Send back", operation: .messages(.act(action))))
        } else {
            overlay = .picker(
                Picker(
                    title: "Nothing can be sent back", lines: lines.isEmpty ? ["No message is ready."] : lines,
                    choices: [Picker.Choice(label: "Close", effect: .none)]))
        }
        overlays.present(overlay, over: action.queue)
    }

    private mutating func take(
        _ action: MessageAction, _ summary: String, _ lines: [String], _ ending: MessageReport.End, of id: OperationID
    ) {
        var lines = lines
        switch ending {
        case .finished: end(id, .finished, summary, lines.contains { $0.contains(" failed: ") } ? .warning : .success)
        case .stopped: end(id, .finished, "stopped: \(summary)", .info)
        case .failed(let what, let advice):
            lines = ["Ended early: \(what)"] + (advice.map { [$0] } ?? []) + lines
            end(id, .failed, "\(what) — \(summary)", .failure)
        }
        overlays.changeBrowser(of: action.queue) { browser in
            guard action.removes else { return }
            browser.isOld = true
            browser.tagged = []
            browser.opened = nil
        }
        guard !lines.isEmpty else { return }
        overlays.present(
            .picker(
                Picker(
                    title: action.queue.name.text, lines: [summary] + lines,
                    choices: [Picker.Choice(label: "Close", effect: .none)])), over: action.queue)
    }

    /// Shows the form of an edited message again, which could not be published as it was typed.
    mutating func offerEditAgain(after id: OperationID, _ why: String) {
        guard case .messages(.act(let action))? = activities.first(where: { $0.id == id })?.operation,
            case .republish(let edit, let removesOriginal) = action.work, case .these(let chosen, _) = action.selection,
            case .browser(let browser)? = overlay, browser.queue == action.queue,
            let message = browser.page.messages.first(where: { chosen[$0.fingerprint] != nil })
        else { return }
        var form = Self.editForm(of: message, in: action.queue, browser.page.isStream)
        form.lines = ["Nothing was published: \(why)"]
        func fill(_ key: String, _ text: String) {
            guard let place = form.fields.firstIndex(where: { $0.key == key }) else { return }
            form.fields[place].editor = LineEditor(text)
        }
        fill(Form.Key.exchange, edit.exchange.text)
        fill(Form.Key.routingKey, edit.routingKey.text)
        fill(Form.Key.vhost, action.vhost.text)
        fill(Form.Key.properties, edit.properties)
        fill(Form.Key.headers, edit.headers)
        if let body = edit.body { fill(Form.Key.body, String(decoding: body, as: UTF8.self)) }
        fill(Form.Key.dropsDeaths, edit.dropsDeaths ? Form.Field.on : Form.Field.off)
        fill(Form.Key.removesOriginal, removesOriginal ? Form.Field.on : Form.Field.off)
        overlays.present(.form(form), over: action.queue)
    }

    /// The operation on messages of the browser's queue that Esc stops before it closes anything.
    var stoppableInBrowser: OperationID? {
        guard case .browser(let browser) = overlay, !browser.isTyping else { return nil }
        return activities.last { activity in
            guard activity.phase == .running, case .messages(let operation)? = activity.operation else { return false }
            return operation.queue == browser.queue
        }?.id
    }
}

extension OverlayStack {
    /// Changes the browser of a queue, if it is open; returns whether it is.
    @discardableResult
    mutating func changeBrowser(of queue: EntityID, _ change: (inout MessageBrowser) -> Void) -> Bool {
        self.change { overlay in
            guard case .browser(var browser) = overlay, browser.queue == queue else { return false }
            change(&browser)
            overlay = .browser(browser)
            return true
        }
    }

    /// Shows an overlay over the browser of a queue where that is on top; otherwise it waits for its turn.
    mutating func present(_ overlay: Overlay, over queue: EntityID) {
        if case .browser(let browser)? = top, browser.queue == queue { cover(with: overlay) } else { offer(overlay) }
    }

    /// The screen has another size.
    mutating func fit(_ size: Size) {
        _ = change { overlay in
            guard case .browser(var browser) = overlay else { return false }
            browser.fit(size)
            overlay = .browser(browser)
            return false
        }
    }
}
