extension Key {
    /// Creates the key of a name as help and footer show it, in either repertoire: `K`, `^K` or `Ctrl-K`, `Alt-x`, `F5`,
    /// `Space`, `PgUp`, `Shift-Tab`, `Up`. A single character is meant as it is typed; longer names are read in any case.
    ///
    /// - Returns: `nil` if no key has this name.
    public init?(name: String) {
        var rest = Substring(name)
        var modifiers: Modifiers = []
        if rest.count == 2, rest.first == "^" {
            rest = rest.dropFirst()
            modifiers = .control
        }
        while let (modifier, length) = Self.modifier(beginning: rest), rest.count > length {
            modifiers.insert(modifier)
            rest = rest.dropFirst(length)
        }
        // Arrows are shown as single characters.
        let code = Self.code(named: rest.lowercased())
        if code == nil, rest.count == 1, let character = rest.first {
            guard !character.isNewline, character.unicodeScalars.allSatisfy({ $0.value > 0x20 }) else { return nil }
            // Terminals do not tell Shift from the character, and Control makes both cases one key.
            guard !modifiers.contains(.shift) else { return nil }
            let typed = modifiers.contains(.control) ? Character(character.lowercased()) : character
            self.init(.character(typed), modifiers)
            return
        }
        guard let code else { return nil }
        if code == .tab, modifiers == .shift {
            self = .backTab
        } else {
            self.init(code, modifiers)
        }
    }

    private static func modifier(beginning name: Substring) -> (Modifiers, length: Int)? {
        let names: [(String, Modifiers)] = [("ctrl-", .control), ("alt-", .alt), ("shift-", .shift)]
        let lower = name.lowercased()
        for (word, modifier) in names where lower.utf8.starts(with: word.utf8) { return (modifier, word.count) }
        return nil
    }

    private static func code(named name: String) -> Code? {
        let named: [Code] = [
            .character(" "), .up, .down, .left, .right, .home, .end, .pageUp, .pageDown, .insert, .delete, .backspace,
            .enter, .tab, .backTab, .escape,
        ]
        for code in named {
            for repertoire in [Repertoire.ascii, .unicode]
            where code.label(repertoire).lowercased().utf8.elementsEqual(name.utf8) {
                return code
            }
        }
        guard name.utf8.first == UInt8(ascii: "f"), let number = Int(name.dropFirst()), (1...63).contains(number) else {
            return nil
        }
        return .function(number)
    }
}
