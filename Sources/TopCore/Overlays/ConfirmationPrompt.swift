/// A question before a destructive operation. Cancel has the initial focus.
public struct ConfirmationPrompt: Sendable, Equatable {
    /// The title.
    public var title: String
    /// The operation's effects and the objects it affects, one line each.
    public var lines: [String]
    /// The label of the button that confirms.
    public var confirmLabel: String
    /// The operation that starts on confirmation.
    public var operation: Operation
    /// The editable reason sent with the operation (the connection's `X-Reason`), if it has one.
    public var reason: LineEditor?
    /// The element with the focus.
    public var focus: Focus = .cancel

    /// The elements that can have the focus: the reason's line, Cancel, or the button that confirms.
    public enum Focus: Sendable, Equatable { case reason, cancel, confirm }

    /// Creates a prompt with the focus on Cancel.
    public init(title: String, lines: [String], confirmLabel: String, operation: Operation, reason: LineEditor? = nil) {
        self.title = title
        self.lines = lines
        self.confirmLabel = confirmLabel
        self.operation = operation
        self.reason = reason
    }
}

extension ConfirmationPrompt: OverlayContent {
    mutating func take(_ input: OverlayInput) -> OverlayOutcome? {
        switch input {
        case .key(let key): guard focus == .reason, reason?.take(key) == true else { return nil }
        case .paste(let text): if focus == .reason { reason?.insert(text) }
        case .command(.back): return .closes
        case .command(.accept): return accept()
        case .command(.focusNext): moveFocus(by: 1)
        case .command(.focusPrevious): moveFocus(by: -1)
        case .command: return nil
        case .move: break
        // 0 is Cancel, 1 confirms, 2 is the reason's line.
        case .press(0):
            focus = .cancel
            return accept()
        case .press(1):
            focus = .confirm
            return accept()
        case .press(let index): if index == 2, reason != nil { focus = .reason }
        }
        return .stays
    }

    private mutating func accept() -> OverlayOutcome {
        switch focus {
        case .reason:
            // Enter moves the focus off the line; it does not confirm.
            focus = .cancel
            return .stays
        case .cancel: return .closes
        case .confirm: return .starts(decided)
        }
    }

    private mutating func moveFocus(by step: Int) {
        let order: [Focus] = reason == nil ? [.cancel, .confirm] : [.reason, .cancel, .confirm]
        let here = order.firstIndex(of: focus) ?? 0
        focus = order[((here + step) % order.count + order.count) % order.count]
    }

    /// The operation with the edited reason.
    private var decided: Operation {
        if case .closeConnection(let name, let given) = operation {
            return .closeConnection(name, reason: reason?.text ?? given)
        }
        if case .batch(var batch) = operation, let reason {
            for index in batch.items.indices {
                guard case .closeConnection(let name, _) = batch.items[index].operation else { continue }
                batch.items[index].operation = .closeConnection(name, reason: reason.text)
            }
            return .batch(batch)
        }
        return operation
    }
}
