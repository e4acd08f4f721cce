import Screen

extension State {
    mutating func handle(_ key: Key) -> [Action] {
        if edit(key) { return [] }
        if let binding = Bindings.binding(for: key, in: self) { return perform(binding.command) }
        if let binding = Bindings.refused(key, in: self) { explain(binding, key: key) }
        return []
    }

    /// Shows why a key does nothing here.
    private mutating func explain(_ binding: Binding, key: Key) {
        guard context == .view else { return }
        if binding.effect != .none, options.readOnly {
            tell("Read-only: \(key.label) (\(binding.label)) is refused; start without --read-only", .warning)
        } else if binding.command == .fault, let why = options.faults.why {
            tell(why, .warning)
        } else if binding.command == .undoFaults {
            tell("No fault is in force")
        } else if !binding.views.contains(view) {
            let views = ViewID.allCases.filter { binding.views.contains($0) }.map(\.title)
            guard binding.views.count < ViewID.allCases.count - 1 else { return }
            tell("\(key.label) (\(binding.label)) works in \(views.joined(separator: ", "))")
        } else if isSelectedEnded {
            tell("It has ended: \(key.label) (\(binding.label)) has nothing to work on", .warning)
        } else if let why = withoutChannel(binding.command) {
            tell(why, .warning)
        } else if binding.command != .back {
            tell("Nothing is selected that \(key.label) (\(binding.label)) could work on")
        }
    }

    /// Returns why a consumer without a channel, or without a known connection, cannot be closed here.
    private func withoutChannel(_ command: Command) -> String? {
        guard case .consumer(let id) = selectedID, id.channel == nil else { return nil }
        switch command {
        case .closeChannel:
            return "This consumer has no AMQP 0-9-1 channel (AMQP 1.0, MQTT or a stream): close its connection"
        case .closeConnection: return "The broker does not tell whose consumer this is: choose it in Connections"
        default: return nil
        }
    }

    /// Passes the key to the line of text being edited, if any.
    private mutating func edit(_ key: Key) -> Bool {
        switch overlay {
        case .filter(var prompt):
            guard prompt.editor.take(key) else { return false }
            prompt.place = nil
            show(prompt)
            return true
        case .form(var form):
            guard form.fields.indices.contains(form.focus), form.fields[form.focus].isText,
                form.fields[form.focus].editor.take(key)
            else { return false }
            form.fields[form.focus].problem = nil
            overlay = .form(form)
            return true
        case .confirmation(var confirmation):
            guard confirmation.focus == .reason, confirmation.reason?.take(key) == true else { return false }
            overlay = .confirmation(confirmation)
            return true
        case .picker(var picker):
            // Keys that move in the list do not edit its filter.
            guard picker.filter != nil, key.isForFilter, picker.filter?.take(key) == true else { return false }
            picker.chooseShown()
            overlay = .picker(picker)
            return true
        case nil, .help, .peek: return false
        }
    }

    mutating func paste(_ text: String) -> [Action] {
        switch overlay {
        case .filter(var prompt):
            prompt.editor.insert(text)
            prompt.place = nil
            show(prompt)
        case .form(var form):
            guard form.fields.indices.contains(form.focus), form.fields[form.focus].isText else { return [] }
            form.fields[form.focus].editor.insert(text)
            form.fields[form.focus].problem = nil
            overlay = .form(form)
        case .confirmation(var confirmation):
            guard confirmation.focus == .reason else { return [] }
            confirmation.reason?.insert(text)
            overlay = .confirmation(confirmation)
        case .picker(var picker):
            picker.filter?.insert(text)
            picker.chooseShown()
            overlay = .picker(picker)
        case nil, .help, .peek: break
        }
        return []
    }

    mutating func perform(_ command: Command) -> [Action] {
        switch command {
        case .quit: return [.quit]
        case .redraw: redraws += 1
        case .back: return back()
        case .accept: return accept()
        case .view(let view): go(to: view)
        case .nextView: go(to: view.neighbour(1))
        case .previousView: go(to: view.neighbour(-1))
        case .up: move(.lines(-1))
        case .down: move(.lines(1))
        case .pageUp: move(.pages(-1))
        case .pageDown: move(.pages(1))
        case .top: move(.top)
        case .bottom: move(.bottom)
        case .scrollLeft: apply(.columns(-1, limit: scrollLimits.columns), to: view)
        case .scrollRight: apply(.columns(1, limit: scrollLimits.columns), to: view)
        case .detailUp: scrollDetail(by: -Self.detailStep)
        case .detailDown: scrollDetail(by: Self.detailStep)
        case .open: open()
        case .filter: editFilter()
        case .olderFilter: recallFilter(1)
        case .newerFilter: recallFilter(-1)
        case .sortPrevious: apply(.sortStep(-1), to: view)
        case .sortNext: apply(.sortStep(1), to: view)
        case .sortInvert: apply(.sortInvert, to: view)
        case .follow:
            apply(.follow, to: view)
            let isFollowing = table(of: view)?.isFollowing ?? false
            tell(isFollowing ? "The selected item keeps its place on the screen" : "Following is off")
        case .chooseVhost: askVhost()
        case .freeze: freeze()
        case .slower: changeInterval(by: 1)
        case .faster: changeInterval(by: -1)
        case .publish, .consume, .peek, .purge, .delete, .closeChannel, .closeConnection: ask(for: command)
        case .fault:
            apply(.touch, to: view)
            askFault()
        case .undoFaults: return askUndo()
        case .runLab: askLab()
        case .write: askWrite()
        case .help: if case .help = overlay { closeOverlay() } else { overlay = .help(scroll: 0) }
        case .focusNext: moveFocus(by: 1)
        case .focusPrevious: moveFocus(by: -1)
        case .changeNext: changeField(by: 1)
        case .changePrevious: changeField(by: -1)
        case .nextMessage: showMessage(by: 1)
        case .previousMessage: showMessage(by: -1)
        case .hex:
            guard case .peek(var peek) = overlay else { break }
            peek.asHex.toggle()
            peek.scroll = 0
            overlay = .peek(peek)
        }
        return []
    }

    static let detailStep = 5

    /// Scrolls the details pane, starting from the visible position, so that keys never have to undo scrolling beyond
    /// the end.
    mutating func scrollDetail(by lines: Int) {
        let limit = max(0, scrollLimits.detail)
        detailScroll = min(max(0, min(detailScroll, limit) + lines), limit)
    }

    /// Moves within the topmost element: the table, or an overlay that scrolls.
    mutating func move(_ command: TableCommand) {
        switch overlay {
        case nil, .filter:
            let before = selectedID
            apply(command, to: view)
            if selectedID != before { detailScroll = 0 }
        case .help(let scroll):
            overlay = .help(scroll: command.scrolled(scroll, page: tableRows, limit: scrollLimits.overlay))
        case .peek(var peek):
            peek.scroll = command.scrolled(peek.scroll, page: tableRows, limit: scrollLimits.overlay)
            overlay = .peek(peek)
        case .picker(var picker):
            let shown = picker.shown
            guard !shown.isEmpty else { return }
            let here = shown.firstIndex(of: picker.selected) ?? 0
            picker.selected = shown[command.scrolled(here, page: tableRows, limit: shown.count - 1)]
            overlay = .picker(picker)
        case .confirmation, .form: break
        }
    }
}

extension TableCommand {
    /// Returns a position in a list of lines after this move, from 0 to `limit`.
    func scrolled(_ place: Int, page: Int, limit: Int) -> Int {
        let limit = max(0, limit)
        let place = min(max(0, place), limit)
        // No list is this long, and the sum does not overflow.
        let longest = 1 << 30
        func moved(_ lines: Int) -> Int { max(0, min(place, longest) + min(max(lines, -longest), longest)) }
        let target =
            switch self {
            case .lines(let lines): moved(lines)
            case .pages(let pages): moved(pages * max(1, page - 1))
            case .top: 0
            case .bottom: min(limit, longest)
            case .row, .item, .columns, .sortBy, .order, .sortStep, .sortInvert, .follow, .filter, .filterColumns,
                .narrow,
                .page, .touch, .hold, .end:
                place
            }
        return min(target, limit)
    }
}

extension ViewID {
    /// Returns the view this many places further, wrapping around.
    func neighbour(_ step: Int) -> ViewID {
        let all = Self.allCases
        let here = all.firstIndex(of: self) ?? 0
        return all[((here + step) % all.count + all.count) % all.count]
    }
}

extension Form.Field {
    var isText: Bool {
        switch kind {
        case .text, .count, .number: true
        case .toggle, .choice: false
        }
    }
}

extension Picker {
    /// Selects the first choice that is shown and enabled when the selected choice is no longer shown.
    mutating func chooseShown() {
        let shown = shown
        guard !shown.contains(selected) else { return }
        selected = shown.first { choices[$0].disabled == nil } ?? shown.first ?? selected
    }
}

extension Key {
    /// Whether the key edits the filter of a list; other keys move in the list.
    fileprivate var isForFilter: Bool {
        typed != nil || [.backspace, .control("h"), .control("u"), .control("w")].contains(self)
    }
}

extension LineEditor {
    /// Edits the line with the usual terminal keys; returns false for a key that does not edit text.
    mutating func take(_ key: Key) -> Bool {
        if let character = key.typed {
            insert(String(character))
            return true
        }
        switch key {
        case .backspace, .control("h"): deleteBackward()
        case .delete: deleteForward()
        case .left: move(by: -1)
        case .right: move(by: 1)
        case .home, .control("a"): moveToStart()
        case .end, .control("e"): moveToEnd()
        case .control("u"): deleteToStart()
        case .control("k"): deleteToEnd()
        case .control("w"): deleteWordBackward()
        default: return false
        }
        return true
    }
}
