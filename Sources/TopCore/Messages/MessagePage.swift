import Names
public import Screen

/// A line of an opened message, without control characters, as wide as the page at most.
public struct MessageLine: Sendable, Equatable {
    /// What a line is.
    public enum Kind: Sendable, Equatable {
        case heading, field, text, warning
    }

    /// What it is.
    public var kind: Kind
    /// The name of a property or header, filled with blanks; the whole heading of a part.
    public var label: String
    /// The value, or a line of the body.
    public var text: String
}

/// One message, opened: everything about it, and its whole body to scroll and search in.
public struct MessagePage: Sendable, Equatable {
    /// The message.
    public let message: BrowsedMessage
    /// Whether the body is shown in hexadecimal.
    public private(set) var isHex = false
    /// The lines.
    public private(set) var lines: [MessageLine] = []
    /// The number of lines scrolled.
    public var scroll = 0
    /// The text to look for, while it is typed.
    public var search: LineEditor?
    /// What was looked for last; empty before.
    public private(set) var sought = ""
    /// The lines that have it.
    public private(set) var found: [Int] = []
    /// The one of `found` that was gone to last.
    public private(set) var place = 0
    private var width: Int
    /// The body as it is shown; decoded once.
    private var body: MessageBody

    /// Opens a message.
    ///
    /// - Parameter width: the columns of a line.
    public init(_ message: BrowsedMessage, width: Int) {
        self.message = message
        self.width = width
        body = MessageBody(
            message.body, contentType: message.text(.contentType).map { Name($0) },
            contentEncoding: message.text(.contentEncoding).map { Name($0) })
        layOut()
    }

    /// The columns of a line on a screen of this size.
    public static func width(on size: Size) -> Int { max(16, min(140, size.width - (size.width >= 60 ? 8 : 4))) }

    /// Wraps the lines anew for another width.
    mutating func fit(_ width: Int) {
        guard width != self.width else { return }
        self.width = width
        layOut()
    }

    mutating func toggleHex() {
        isHex.toggle()
        layOut()
        scroll = min(scroll, max(0, lines.count - 1))
    }

    // MARK: Lines

    private mutating func layOut() {
        lines = []
        field("exchange", message.exchange.isEmpty ? "(default)" : message.exchange.text)
        field("routing key", message.routingKey.text)
        field("redelivered", message.redelivered ? "yes" : "no")
        if let count = message.integer(.deliveryCount) { field("delivery count", ValueFormat.grouped(count)) }
        if let offset = message.streamOffset { field("stream offset", String(offset)) }
        if !message.deaths.isEmpty {
            heading("Deaths, the latest first")
            for death in message.deaths { wrapped(death) }
        }
        if !message.properties.isEmpty {
            heading("Properties")
            for property in message.properties { field(property.label, property.value) }
        }
        if !message.headers.isEmpty {
            heading("Headers")
            for header in message.headers {
                field(String(repeating: "  ", count: max(0, min(header.depth, 16))) + header.name, header.value ?? "")
            }
        }
        layOutBody()
        seek(sought)
    }

    private mutating func layOutBody() {
        var what = ["\(ValueFormat.grouped(message.bodySize)) byte\(message.bodySize == 1 ? "" : "s")"]
        var isCut = !message.isWhole
        if isHex {
            what.append("hex")
            isCut = isCut || message.body.count > MessageBody.mostDumped
        } else {
            what.append(body.content == .binary ? "not text, in hex" : body.content.rawValue)
            if let charset = body.charset { what.append(charset) }
            if !body.unpacked.isEmpty { what.append("unpacked from \(body.unpacked.joined(separator: ", "))") }
            isCut = isCut || body.isCut
        }
        if isCut { what.append("the beginning") }
        heading("Body", what.joined(separator: ", "))
        if !message.isWhole {
            note("Only the beginning was read: rabbittop messages save writes all of it.")
        } else if isCut {
            note("w writes all of it to a file.")
        }
        if let problem = body.problem, !isHex { note(problem) }
        // Lines of sixteen bytes are 76 columns wide.
        let isDumped = isHex || body.content == .binary && body.unpacked.isEmpty
        let text =
            isDumped
            ? HexText.dump(
                Array(message.body.prefix(MessageBody.mostDumped)), perLine: width >= 76 ? 16 : width >= 44 ? 8 : 4)
            : body.text
        for line in text.lineList {
            for part in Wrap.characters(Text.visible(String(line).replacing("\t", with: "    ")), width: width) {
                lines.append(MessageLine(kind: .text, label: "", text: part))
            }
        }
    }

    private mutating func heading(_ label: String, _ text: String = "") {
        lines.append(MessageLine(kind: .text, label: "", text: ""))
        lines.append(MessageLine(kind: .heading, label: label, text: Text.visible(text)))
    }

    private mutating func note(_ text: String) {
        for part in Wrap.words(Text.visible(text), width: width) {
            lines.append(MessageLine(kind: .warning, label: "", text: part))
        }
    }

    private mutating func wrapped(_ text: String) {
        for part in Wrap.words(Text.visible(text), width: width) {
            lines.append(MessageLine(kind: .text, label: "", text: part))
        }
    }

    private mutating func field(_ label: String, _ value: String) {
        let room = min(24, width / 3)
        let padded = Text.padded(label, to: room)
        for (index, part) in Wrap.words(Text.visible(value), width: max(8, width - room - 2)).enumerated() {
            lines.append(
                MessageLine(
                    kind: .field, label: index == 0 ? padded : String(repeating: " ", count: room), text: part))
        }
    }

    // MARK: Searching

    /// Looks for a text in all lines, whatever the case, and goes to the first one from where it is scrolled to.
    mutating func look(for text: String) {
        seek(text)
        guard !found.isEmpty else { return }
        place = found.firstIndex { $0 >= scroll } ?? 0
        scroll = found[place]
    }

    private mutating func seek(_ text: String) {
        sought = text
        place = 0
        let wanted = text.lowercased()
        found =
            wanted.isEmpty
            ? []
            : lines.indices.filter { index in
                let line = lines[index]
                return line.text.lowercased().containsBytes(of: wanted)
                    || line.label.lowercased().containsBytes(of: wanted)
            }
    }

    /// Goes to the next line (1) that has the text, or the one before (-1).
    mutating func goOn(_ step: Int) {
        guard !found.isEmpty else { return }
        place = ((place + step) % found.count + found.count) % found.count
        scroll = found[place]
    }
}
