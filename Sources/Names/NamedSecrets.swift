/// Removes the values of what is named as a secret from a text: `password=…`, `"token": "…"`, `{password,<<"…">>}`.
struct NamedSecrets {
    private let bytes: [UInt8]
    private(set) var result: [UInt8] = []

    /// The records in which RabbitMQ's Erlang client keeps a user's name and password, in this order.
    private static let records = ["amqp_params_network,", "amqp_params_direct,"].map { Array($0.utf8) }
    /// The tag of a password in an Erlang term.
    private static let plainText = Array("plaintext".utf8)

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Makes the result.
    ///
    /// - Returns: Whether it differs from the text.
    mutating func redact() -> Bool {
        var copied = 0
        var index = 0
        while index < bytes.count {
            guard let value = value(named: index), !value.isEmpty else {
                index += 1
                continue
            }
            result += bytes[copied..<value.lowerBound] + Redaction.mark.utf8
            copied = value.upperBound
            index = copied
        }
        guard copied > 0 else { return false }
        result += bytes[copied...]
        return true
    }

    /// Returns where the value of a secret is whose name begins at an index; `nil` if none begins there.
    private func value(named index: Int) -> Range<Int>? {
        switch bytes[index].lowercased {
        case UInt8(ascii: "a"):
            guard let record = Self.records.first(where: { bytes[index...].starts(with: $0) }) else { return nil }
            let user = valueRange(index + record.count)
            let comma = skip(user.upperBound) { $0.isQuote || $0 == UInt8(ascii: ">") }
            guard comma < bytes.count, bytes[comma] == UInt8(ascii: ",") else { return nil }
            return valueRange(comma + 1)
        case UInt8(ascii: "p"), UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "c"):
            guard
                let word = Redaction.secretWord(in: bytes, at: index)
                    ?? (bytes[index...].starts(with: Self.plainText) && opensTuple(index)
                        ? index + Self.plainText.count : nil)
            else { return nil }
            let name = skip(word) { $0.isOfIdentifier }
            var separator = skip(name) { $0.isQuote || $0 == UInt8(ascii: ">") || $0 == .backslash }
            separator = skip(separator) { $0 == 0x20 }
            guard separator < bytes.count else { return nil }
            let value = valueRange(skip(separator + 1) { $0 == UInt8(ascii: ">") })
            switch bytes[separator] {
            case UInt8(ascii: "="): return value
            case UInt8(ascii: ","): return opensTuple(index) ? value : nil
            case UInt8(ascii: ":"):
                // `token-refresh: 5 messages` is about a queue.
                let isQuoted = separator > name || (value.lowerBound > 0 && bytes[value.lowerBound - 1].isQuote)
                return isQuoted || name == word ? value : nil
            default: return nil
            }
        default: return nil
        }
    }

    /// Whether the identifier at an index is the first element of an Erlang tuple.
    private func opensTuple(_ index: Int) -> Bool {
        var before = index
        while before > 0,
            bytes[before - 1].isOfIdentifier || bytes[before - 1].isQuote
                || bytes[before - 1] == UInt8(ascii: "<") || bytes[before - 1] == .backslash
        {
            before -= 1
        }
        return before > 0 && bytes[before - 1] == UInt8(ascii: "{")
    }

    private func skip(_ index: Int, _ condition: (UInt8) -> Bool) -> Int {
        var index = index
        while index < bytes.count, condition(bytes[index]) { index += 1 }
        return index
    }

    /// Returns the range of the value that begins at an index, without the quotes around it.
    private func valueRange(_ index: Int) -> Range<Int> {
        var start = skip(index) { $0 == 0x20 }
        start = skip(start) { $0 == UInt8(ascii: "<") }
        guard start < bytes.count else { return start..<start }
        let isEscaped = bytes[start] == .backslash && start + 1 < bytes.count && bytes[start + 1].isQuote
        let quote = isEscaped ? start + 1 : start
        if bytes[quote].isQuote { return (quote + 1)..<closing(quote, isEscaped: isEscaped) }
        if bytes[start] == UInt8(ascii: "[") || bytes[start] == UInt8(ascii: "{") { return start..<balanced(start) }
        var end = bareEnd(start)
        let scheme = bytes[start..<end].map(\.lowercased)
        // The scheme of an authorization is not the secret, what follows is.
        if end < bytes.count, bytes[end] == 0x20,
            scheme.elementsEqual("bearer".utf8) || scheme.elementsEqual("basic".utf8)
        {
            end = bareEnd(end + 1)
        }
        return start..<end
    }

    private func bareEnd(_ start: Int) -> Int {
        skip(start) { !$0.isSpace && !",;&}])\"'<>".utf8.contains($0) }
    }

    /// Returns where the text ends that a quote begins.
    private func closing(_ quote: Int, isEscaped: Bool) -> Int {
        var index = quote + 1
        while index < bytes.count {
            if bytes[index] == .backslash {
                if isEscaped, index + 1 < bytes.count, bytes[index + 1] == bytes[quote] { return index }
                index += 2
            } else if bytes[index] == bytes[quote] {
                return index
            } else {
                index += 1
            }
        }
        return bytes.count
    }

    /// Returns where the list, object or tuple ends that begins at an index.
    private func balanced(_ start: Int) -> Int {
        var depth = 0
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): index = closing(index, isEscaped: false)
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
            index += 1
        }
        return bytes.count
    }
}
