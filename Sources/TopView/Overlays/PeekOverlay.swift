import Names
import Screen
import TopCore

/// The messages that were peeked at, one at a time.
struct PeekOverlay {
    let peek: PeekView

    /// The part of a body that is shown, in bytes: wrapping more would take longer than a frame may.
    static let limit = 64 * 1_024

    func draw(in rect: Rect, on canvas: inout Canvas) {
        let isRoomy = rect.width >= 60 && rect.height >= 16
        let place = peek.messages.isEmpty ? "" : " \(peek.selected + 1) of \(peek.messages.count)"
        let title = "\(peek.messages.isEmpty ? "Messages" : "Message")\(place) in \(peek.queue.name)"
        let width = min(140, rect.width - (isRoomy ? 8 : 4))
        let lines = lines(width: width, canvas)
        // Small messages leave the view visible, but the box keeps a minimum height between two of them.
        let height = min(max(lines.count, 16), rect.height - (isRoomy ? 4 : 2))
        let inner = OverlayBox(title, content: Size(width: width, height: height), in: rect, on: &canvas).inner
        canvas.limits.overlay = max(0, lines.count - inner.height)
        let top = min(max(0, peek.scroll), canvas.limits.overlay)
        for (row, line) in lines.dropFirst(top).prefix(inner.height).enumerated() {
            canvas.write(line, x: inner.minX, y: inner.minY + row, width: inner.width)
        }
        ScrollMark(top: top, count: lines.count).draw(in: inner, on: &canvas)
    }

    private func lines(width: Int, _ canvas: Canvas) -> [[Span]] {
        var lines: [[Span]] = []
        if let note = peek.note {
            lines += Wrap.words(canvas.marks.plain(note), width: width).map { [Span($0, .warning)] }
        }
        guard peek.messages.indices.contains(peek.selected) else {
            lines.append([Span("The queue has no ready messages.", .muted)])
            return lines
        }
        let message = peek.messages[peek.selected]
        var routing = [
            DetailField("exchange", message.exchange.isEmpty ? "(default)" : message.exchange.text),
            DetailField("routing key", message.routingKey.text),
            DetailField("redelivered", message.redelivered ? "yes" : "no"),
        ]
        if let count = message.deliveryCount { routing.append(DetailField("delivery count", String(count))) }
        lines += fields(routing, width: width)
        if !message.properties.isEmpty {
            lines += [[], [Span("Properties", .accent)]] + fields(message.properties, width: width)
        }
        if !message.headers.isEmpty {
            lines += [[], [Span("Headers", .accent)]] + fields(message.headers, width: width)
        }
        lines += [[]] + body(of: message, width: width, canvas)
        return lines
    }

    private func fields(_ fields: [DetailField], width: Int) -> [[Span]] {
        let labelWidth = min(24, width / 3)
        return fields.flatMap { field in
            let label = Text.padded(Text.visible(field.label), to: labelWidth)
            return Wrap.words(Text.visible(field.value), width: max(8, width - labelWidth - 2)).enumerated().map {
                [Span($0 == 0 ? label : String(repeating: " ", count: labelWidth), .muted), Span("  " + $1)]
            }
        }
    }

    private func body(of message: PeekedMessage, width: Int, _ canvas: Canvas) -> [[Span]] {
        let shown = message.body.prefix(Self.limit)
        var size = canvas.format.bytes(Double(message.bodySize))
        if message.bodySize > shown.count { size += ", the first \(canvas.format.bytes(Double(shown.count))) shown" }
        let text = peek.asHex ? nil : Self.text(Array(shown), isCut: message.bodySize > shown.count)
        let form = text != nil ? "text" : peek.asHex ? "hex" : "not UTF-8, in hex"
        var lines: [[Span]] = [[Span("Body", .accent), Span("  \(size), \(form)", .muted)]]
        if message.bodySize == 0 { return lines }
        if let text {
            for line in text.lineList { lines += Wrap.characters(String(line), width: width).map { [Span($0)] } }
        } else {
            lines += HexDump.lines(Array(shown), width: width).map {
                [Span($0.offset, .faint), Span($0.hex), Span($0.text, .muted)]
            }
        }
        return lines
    }

    /// Returns the body as text if it is valid UTF-8; a character cut off at the end is dropped.
    private static func text(_ body: [UInt8], isCut: Bool) -> String? {
        if let text = String(validating: body, as: UTF8.self) { return text }
        guard isCut else { return nil }
        for end in 1...3 where body.count > end {
            if let text = String(validating: body.dropLast(end), as: UTF8.self) { return text }
        }
        return nil
    }
}

/// Bytes as text: offset, hexadecimal, and the printable ASCII characters.
enum HexDump {
    private static let digits = Array("0123456789abcdef")

    static func lines(_ bytes: [UInt8], width: Int) -> [(offset: String, hex: String, text: String)] {
        // 32, 16, 8 or 4 bytes per line, whatever fits.
        let count = [32, 16, 8, 4].first { 6 + $0 * 4 + 1 <= width } ?? 4
        return stride(from: 0, to: bytes.count, by: count).map { start in
            let part = bytes[start..<min(bytes.count, start + count)]
            var hex = ""
            for byte in part { hex += "\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)]) " }
            hex += String(repeating: "   ", count: count - part.count)
            let text = String(part.map { $0 >= 0x20 && $0 < 0x7F ? Character(Unicode.Scalar($0)) : "." })
            let offset = String(start, radix: 16)
            return (String(repeating: "0", count: max(0, 4 - offset.count)) + offset + "  ", hex + " ", text)
        }
    }
}
