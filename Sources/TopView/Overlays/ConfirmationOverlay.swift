import Screen
import TopCore

/// The confirmation of a destructive operation.
struct ConfirmationOverlay {
    let confirmation: ConfirmationPrompt

    func draw(in rect: Rect, on canvas: inout Canvas) {
        let buttons = buttons
        let buttonsWidth = buttons.reduce(-2) { $0 + $1.width + 2 }
        let most = min(76, rect.width - (rect.width >= 60 ? 6 : 4))
        let longest = confirmation.lines.map { TextWidth.columns(of: $0) }.max() ?? 0
        let width = min(most, max(44, longest, buttonsWidth))
        let lines = confirmation.lines.flatMap { Wrap.words(Text.visible(canvas.marks.plain($0)), width: width) }
        let reasonRows = confirmation.reason == nil ? 0 : 2
        let wanted = lines.count + 2 + reasonRows
        let box = OverlayBox(
            confirmation.title, content: Size(width: width, height: wanted), in: rect, role: .critical, on: &canvas)
        let inner = box.inner
        let (above, foot) = inner.splitBottom(inner.height >= lines.count + reasonRows + 2 ? 2 : 1)
        let (text, reason) = above.splitBottom(min(reasonRows, max(0, above.height - 1)))
        for (index, line) in lines.prefix(text.height).enumerated() {
            let isCut = index == text.height - 1 && lines.count > text.height
            canvas.write(
                isCut
                    ? Text.truncated(line, to: max(0, text.width - 10))
                        + " +\(lines.count - index - 1) line\(lines.count - index == 2 ? "" : "s")" : line,
                x: text.minX, y: text.minY + index, index == 0 ? .strong : .text, width: text.width)
        }
        if let editor = confirmation.reason, reason.height > 0 {
            let y = reason.maxY - 1
            canvas.write("Reason", x: reason.minX, y: y, .muted)
            EditorField(editor: editor).draw(
                x: reason.minX + 8, y: y, width: reason.width - 8, isFocused: confirmation.focus == .reason,
                on: &canvas)
            canvas.target(reason.row(reason.height - 1), .choice(2))
        }
        guard foot.height > 0 else { return }
        var x = foot.maxX - buttonsWidth
        if x < foot.minX { x = foot.minX }
        for (place, button) in buttons.enumerated() {
            button.draw(x: x, y: foot.maxY - 1, pointer: .choice(place), on: &canvas)
            x += button.width + 2
        }
    }

    private var buttons: [Button] {
        [
            Button(label: "Cancel", isFocused: confirmation.focus == .cancel),
            Button(label: confirmation.confirmLabel, isFocused: confirmation.focus == .confirm, isDangerous: true),
        ]
    }
}
