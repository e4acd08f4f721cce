public import Names

extension State {
    /// The context that receives the keys.
    public var context: Binding.Context {
        switch overlay {
        case nil: .view
        case .help: .help
        case .filter: .filter
        case .commandLine: .commandLine
        case .confirmation: .confirmation
        case .form: .form
        case .picker: .picker
        case .columns: .columns
        case .browser(let browser): browser.isTyping ? .messageLine : browser.opened == nil ? .browser : .message
        case .difference: .difference
        }
    }

    /// The row under the cursor of the view.
    public var selectedID: RowID? { table(of: view)?.selectedID }

    /// Whether the row under the cursor is gone and is shown only because its details are open.
    public var isSelectedEnded: Bool {
        guard let table = table(of: view), let ended = table.ended else { return false }
        return ended.id == table.selectedID
    }

    /// The details of the selected row beyond its columns; `nil` while the available details belong to another row.
    public var selectedDetail: DetailPart? { detail?.row == selectedID ? detail : nil }

    /// The queue that keys of this view act on.
    public var targetQueue: EntityID? {
        if isSelectedEnded { return nil }
        return switch selectedID {
        case .queue(let id): id
        case .consumer(let id): id.queue
        default: nil
        }
    }

    /// The channel that keys of this view act on.
    public var targetChannel: ChannelID? {
        if isSelectedEnded { return nil }
        return switch selectedID {
        case .channel(let id): id
        case .consumer(let id): id.channel
        case .client:
            client.selected.flatMap { row in row.channel.map { ChannelID(connection: row.connection, number: $0) } }
        default: nil
        }
    }

    /// The name of the connection that keys of this view act on.
    public var targetConnection: Name? {
        if isSelectedEnded { return nil }
        return switch selectedID {
        case .connection(let name): name
        case .channel(let id): id.connection
        case .consumer(let id): id.connection
        case .client: client.selected?.connection
        case .event: Name(events.selected?.connection)
        default: nil
        }
    }

    /// Whether Esc has anything to close, clear, leave or cancel.
    public var canGoBack: Bool {
        overlay != nil || isDetailOpen || !trail.isEmpty || scope != nil || cancellable != nil
            || taggedCount > 0 || (view == .overview && overview.item != nil)
            || table(of: view).map { $0.filter != .none } ?? false
    }

    /// The operation that Esc would cancel: in the lab the selected run, otherwise the newest.
    var cancellable: OperationID? {
        let running = activities.filter { $0.phase == .running }
        if view == .lab, let row = lab.selected {
            let own = running.last { activity in
                if case .runLab(let order) = activity.operation { order.id == row.id } else { false }
            }
            if let own { return own.id }
        }
        return running.last?.id
    }

    /// Whether the line that is edited has an earlier (1) or a later (-1) one to show.
    func hasFilter(_ step: Int) -> Bool {
        switch overlay {
        case .filter(let prompt): prompt.hasFilter(step)
        case .commandLine(let prompt): prompt.hasLine(step)
        default: !filterHistory.lines.isEmpty
        }
    }

    /// Whether the focus of a form is on a switch or a choice.
    public var isFocusOnChoice: Bool {
        guard case .form(let form) = overlay, form.fields.indices.contains(form.focus) else { return false }
        switch form.fields[form.focus].kind {
        case .toggle, .choice: return true
        case .text, .count, .number: return false
        }
    }

    /// Whether the focus of a confirmation is on one of its buttons.
    public var isFocusOnButton: Bool {
        guard case .confirmation(let confirmation) = overlay else { return false }
        return confirmation.focus != .reason
    }
}
