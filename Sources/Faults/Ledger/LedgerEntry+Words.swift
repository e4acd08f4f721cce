extension LedgerEntry {
    /// The text without the kind, scope, code and code name that it starts with, for views that show those before the
    /// text.
    public var remark: String {
        var rest = Substring(text)
        let names = [code.map(String.init), codeName].compactMap(\.self)
        // `404 NOT_FOUND - no queue`: number and name at the beginning, in either order.
        for _ in names { for name in names { rest = Self.strip(name, from: rest) } }
        switch kind {
        case .opened, .closed, .blocked, .unblocked, .returned, .cancelled, .recovered:
            let whole = Self.strip("\(scope.rawValue) \(kind.rawValue)", from: rest)
            rest = whole.utf8.count < rest.utf8.count ? whole : Self.strip(kind.rawValue, from: rest)
        case .error, .alarm, .authentication, .action, .source, .fault, .finding: break
        }
        return String(rest)
    }

    /// The remark; if it is empty, the known user and vhost.
    public var summary: String {
        let remark = remark
        guard remark.isEmpty else { return remark }
        return [user.map { "user \($0)" }, vhost.map { "vhost \($0)" }].compactMap(\.self).joined(separator: ", ")
    }

    /// Removes a word at the beginning and the punctuation after it; a longer word with the same beginning stays.
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
