import Screen

/// An editable line of text with a cursor.
public struct LineEditor: Sendable, Equatable {
    /// The characters of the line.
    public private(set) var characters: [Character]
    /// The number of characters before the cursor.
    public private(set) var cursor: Int

    /// Creates a line with the cursor at its end.
    public init(_ text: String = "") {
        characters = Array(text)
        cursor = characters.count
    }

    /// The text of the line.
    public var text: String { String(characters) }

    /// Inserts text at the cursor, without its line breaks.
    public mutating func insert(_ text: String) {
        let new = Array(text.filter { !$0.isNewline })
        characters.insert(contentsOf: new, at: cursor)
        // Two characters may have combined into one (a letter and a combining accent).
        let joined = Array(String(characters))
        cursor = min(cursor + new.count, joined.count)
        characters = joined
    }

    /// Deletes the character before the cursor.
    public mutating func deleteBackward() {
        guard cursor > 0 else { return }
        characters.remove(at: cursor - 1)
        cursor -= 1
    }

    /// Deletes the character after the cursor.
    public mutating func deleteForward() {
        guard cursor < characters.count else { return }
        characters.remove(at: cursor)
    }

    /// Deletes from the start of the line to the cursor, as Ctrl-U does.
    public mutating func deleteToStart() {
        characters.removeFirst(cursor)
        cursor = 0
    }

    /// Deletes from the cursor to the end of the line.
    public mutating func deleteToEnd() {
        characters.removeLast(characters.count - cursor)
    }

    /// Deletes the word before the cursor, as Ctrl-W does.
    public mutating func deleteWordBackward() {
        while cursor > 0, characters[cursor - 1].isWhitespace { deleteBackward() }
        while cursor > 0, !characters[cursor - 1].isWhitespace { deleteBackward() }
    }

    /// Moves the cursor by this number of characters, within the line.
    public mutating func move(by offset: Int) {
        cursor = min(max(0, cursor + offset), characters.count)
    }

    /// Moves the cursor to the start of the line.
    public mutating func moveToStart() { cursor = 0 }
    /// Moves the cursor to the end of the line.
    public mutating func moveToEnd() { cursor = characters.count }
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
