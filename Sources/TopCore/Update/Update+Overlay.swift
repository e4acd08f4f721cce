import Faults

extension State {
    /// Handles Enter in an overlay: activates the element with the focus.
    mutating func accept() -> [Action] {
        switch overlay {
        case nil: return []
        case .filter(let prompt):
            remember(filter: prompt.editor.text)
            closeOverlay()
            return []
        case .help, .peek:
            closeOverlay()
            return []
        case .picker(let picker):
            // A choice that is not shown cannot be chosen.
            return picker.shown.contains(picker.selected) ? choose(picker.selected, of: picker) : []
        case .confirmation(var confirmation):
            switch confirmation.focus {
            case .reason:
                // Enter moves the focus off the line; it does not confirm.
                confirmation.focus = .cancel
                overlay = .confirmation(confirmation)
                return []
            case .cancel:
                closeOverlay()
                return []
            case .confirm:
                closeOverlay()
                return start(confirmation.decided)
            }
        case .form(let form):
            if form.focus == form.fields.count + 1 {
                closeOverlay()
                return []
            }
            return submit(form)
        }
    }

    mutating func choose(_ index: Int, of picker: Picker) -> [Action] {
        guard picker.choices.indices.contains(index) else { return [] }
        let choice = picker.choices[index]
        if let why = choice.disabled {
            tell(why, .warning)
            return []
        }
        switch choice.effect {
        case .vhost(let vhost):
            closeOverlay()
            choose(vhost: vhost)
        case .ask(let confirmation): overlay = .confirmation(confirmation)
        case .fault(let name, let target):
            if let description = FaultCatalogue[name] { overlay = .form(Form(description, at: target)) }
        case .form(let form): overlay = .form(form)
        case .undo(let id):
            closeOverlay()
            return start(id.map(Operation.undoFault) ?? .undoFaults)
        case .none: closeOverlay()
        }
        return []
    }

    mutating func moveFocus(by step: Int) {
        switch overlay {
        case .confirmation(var confirmation):
            let order: [ConfirmationPrompt.Focus] =
                confirmation.reason == nil ? [.cancel, .confirm] : [.reason, .cancel, .confirm]
            let here = order.firstIndex(of: confirmation.focus) ?? 0
            confirmation.focus = order[((here + step) % order.count + order.count) % order.count]
            overlay = .confirmation(confirmation)
        case .form(var form):
            let stops = form.fields.count + 2
            form.focus = ((form.focus + step) % stops + stops) % stops
            overlay = .form(form)
        case nil, .help, .filter, .picker, .peek: break
        }
    }

    /// Toggles the switch that has the focus, or selects the next of its choices.
    mutating func changeField(by step: Int) {
        guard case .form(var form) = overlay, form.fields.indices.contains(form.focus) else { return }
        form.fields[form.focus].change(by: step)
        form.refold()
        overlay = .form(form)
    }

    mutating func showMessage(by step: Int) {
        guard case .peek(var peek) = overlay, !peek.messages.isEmpty else { return }
        peek.selected = min(max(0, peek.selected + step), peek.messages.count - 1)
        peek.scroll = 0
        overlay = .peek(peek)
    }

    mutating func point(_ pointer: Pointer) -> [Action] {
        switch pointer {
        case .view(let view):
            guard overlay == nil else { return [] }
            go(to: view)
        case .row(let row):
            guard overlay == nil else { return [] }
            move(.row(row))
        case .openRow(let row):
            guard overlay == nil, let count = table(of: view)?.count, row >= 0, row < count else { return [] }
            move(.row(row))
            open()
        case .heading(let key):
            guard overlay == nil else { return [] }
            apply(.sortBy(key), to: view)
        case .scroll(let lines): move(.lines(lines))
        case .detail: break
        case .scrollDetail(let lines): scrollDetail(by: lines)
        case .command(let command):
            let binding = Bindings.all.first { $0.command == command && $0.applies(in: self) }
            if let binding { return perform(binding.command) }
            if let refused = Bindings.all.first(where: { $0.command == command && $0.contexts.contains(context) }),
                let key = refused.keys.first
            {
                return handle(key)
            }
        case .choice(let index): return press(choice: index)
        }
        return []
    }

    /// Handles a click on a choice, a field or a button. In a confirmation 0 is Cancel, 1 confirms and 2 is the
    /// reason's line; in a form the fields come first, then the button that starts and the one that cancels.
    private mutating func press(choice index: Int) -> [Action] {
        switch overlay {
        case .picker(var picker):
            guard picker.choices.indices.contains(index) else { return [] }
            picker.selected = index
            overlay = .picker(picker)
            return choose(index, of: picker)
        case .confirmation(var confirmation):
            switch index {
            case 0: confirmation.focus = .cancel
            case 1: confirmation.focus = .confirm
            case 2 where confirmation.reason != nil:
                confirmation.focus = .reason
                overlay = .confirmation(confirmation)
                return []
            default: return []
            }
            overlay = .confirmation(confirmation)
            return accept()
        case .form(var form):
            guard index >= 0, index < form.fields.count + 2 else { return [] }
            form.focus = index
            if form.fields.indices.contains(index) {
                form.fields[index].change(by: 1)
                form.refold()
                overlay = .form(form)
                return []
            }
            overlay = .form(form)
            return accept()
        case nil, .help, .filter, .peek: return []
        }
    }
}

extension Form.Field {
    static let on = "yes"
    static let off = "no"

    var isOn: Bool { editor.text == Self.on }

    /// Selects the next of the available choices; text does not change.
    mutating func change(by step: Int) {
        let choices: [String]
        switch kind {
        case .toggle: choices = [Self.on, Self.off]
        case .choice(let all): choices = all
        case .text, .count, .number: return
        }
        guard !choices.isEmpty else { return }
        let here = choices.firstIndex(of: editor.text) ?? 0
        editor = LineEditor(choices[((here + step) % choices.count + choices.count) % choices.count])
        problem = nil
    }
}

extension ConfirmationPrompt {
    /// The operation with the edited reason.
    var decided: Operation {
        if case .closeConnection(let name, let given) = operation {
            return .closeConnection(name, reason: reason?.text ?? given)
        }
        return operation
    }
}
