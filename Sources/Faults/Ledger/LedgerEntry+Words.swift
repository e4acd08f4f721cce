extension LedgerEntry {
    /// What was said, without what its kind, its scope, its code and the code's name say already: whoever writes those in
    /// front of the text says nothing twice.
    public var remark: String {
        var rest = Substring(text)
        let names = [code.map(String.init), codeName].compactMap(\.self)
        // `404 NOT_FOUND - no queue`: the number and the name in front, in whichever order.
        for _ in names { for name in names { rest = Self.strip(name, from: rest) } }
        switch kind {
        case .opened, .closed, .blocked, .unblocked, .returned, .cancelled, .recovered:
            let whole = Self.strip("\(scope.rawValue) \(kind.rawValue)", from: rest)
            rest = whole.utf8.count < rest.utf8.count ? whole : Self.strip(kind.rawValue, from: rest)
        case .error, .alarm, .authentication, .action, .source, .fault, .finding: break
        }
        return String(rest)
    }

    /// The remark, and where there is none what is known of whom it is about.
    public var summary: String {
        let remark = remark
        guard remark.isEmpty else { return remark }
        return [user.map { "user \($0)" }, vhost.map { "vhost \($0)" }].compactMap(\.self).joined(separator: ", ")
    }

    /// Without a word at the beginning and the mark after it; a longer word that begins alike stays.
    private static func strip(_ word: String, from text: Substring) -> Substring {
        guard !word.isEmpty, text.utf8.starts(with: word.utf8) else { return text }
        let rest = text[text.utf8.index(text.startIndex, offsetBy: word.utf8.count)...]
        if rest.utf8.isEmpty { return rest }
        for mark in [" - ", ": ", ", ", " "] where rest.utf8.starts(with: mark.utf8) {
            return rest[rest.utf8.index(rest.startIndex, offsetBy: mark.utf8.count)...]
        }
        return text
    }
}
