import Screen
import TopCore

/// A box over the view: what is behind it becomes faint and no longer responds to the mouse.
struct OverlayBox {
    let inner: Rect

    /// Draws a box.
    ///
    /// - Parameters:
    ///   - content: The requested size of the inside, reduced to what fits.
    ///   - rect: The area that the box must stay in.
    init(_ title: String, content: Size, in rect: Rect, role: Role = .border, on canvas: inout Canvas) {
        let theme = canvas.theme
        canvas.targets.removeAll()
        canvas.frame.restyle(Rect(canvas.frame.size)) { theme.behind($0) }
        let padding = rect.width >= 60 ? 2 : 1
        let box = rect.centered(Size(width: content.width + 2 + 2 * padding, height: content.height + 2))
        canvas.fill(box)
        canvas.frame.box(
            box, title: Text.visible(title), style: theme[role],
            titleStyle: role == .critical ? theme[.critical] : theme[.overlayTitle], repertoire: canvas.repertoire)
        inner = box.inset(x: 1 + padding, y: 1)
    }
}

/// A line being edited: the part around the cursor that fits.
struct EditorField {
    let editor: LineEditor

    func draw(x: Int, y: Int, width: Int, isFocused: Bool, on canvas: inout Canvas) {
        guard width > 0 else { return }
        let role: Role = isFocused ? .fieldFocused : .field
        canvas.fill(Rect(x: x, y: y, width: width, height: 1), role)
        let characters = editor.characters
        let widths = characters.map { TextWidth.columns(of: $0) }
        var start = 0
        if isFocused {
            // The cursor needs a column of its own.
            var before = widths[..<editor.cursor].reduce(0, +)
            while before > width - 1, start < editor.cursor {
                before -= widths[start]
                start += 1
            }
            let point = Point(x: x + before, y: y)
            if canvas.frame.bounds.contains(point) { canvas.frame.cursor = point }
        }
        canvas.write(String(characters[start...]), x: x, y: y, role, width: width)
        if start > 0 { canvas.write(String(canvas.marks.less), x: x, y: y, .accent) }
    }
}

/// A button. The focus is marked by more than a colour.
struct Button {
    let label: String
    let isFocused: Bool
    var isDangerous = false

    var width: Int { label.count + 6 }

    func draw(x: Int, y: Int, pointer: Pointer, on canvas: inout Canvas) {
        let role: Role = isFocused ? (isDangerous ? .buttonDanger : .buttonFocused) : .button
        let text = isFocused ? "[> \(label) <]" : "[  \(label)  ]"
        canvas.write(text, x: x, y: y, role)
        canvas.target(Rect(x: x, y: y, width: width, height: 1), pointer)
    }
}
