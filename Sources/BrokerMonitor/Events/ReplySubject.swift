import Faults
import Names

/// The queue and the vhost that a broker's text names: `no queue 'a' in vhost '/'`,
/// `inequivalent arg 'durable' for queue 'a' in vhost '/': received …`.
///
/// RabbitMQ does not escape names, so a name may contain quotes, and even the words between the two names.
struct ReplySubject: Equatable {
    /// The name of the queue; `nil` when the text names none.
    var queue: String?
    /// The name of the vhost of the queue or exchange; `nil` when the text names none.
    var vhost: String?

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - text: What the broker said.
    ///   - vhost: The vhost of the connection, when it is known: it tells where the queue's name ends.
    init(_ text: some StringProtocol, vhost known: String? = nil) {
        let text = Substring(text)
        let (mark, start) = Self.start(in: text) ?? Self.exchangeStart(in: text) ?? ("", text.startIndex)
        guard !mark.isEmpty else { return }
        let rest = text[start...]
        let between = "' in vhost '"
        let end: Range<Substring.Index>
        if let known, let found = rest.lastRange(of: "\(between)\(known)'") {
            end = found
            vhost = known
        } else {
            guard let found = rest.firstRange(of: between) else { return }
            end = found
            let after = rest[rest.utf8.index(found.lowerBound, offsetBy: between.utf8.count)...]
            vhost = after.firstRange(of: "'").map { String(after[..<$0.lowerBound]) }
        }
        if mark == Self.queueMark { queue = String(rest[..<end.lowerBound]) }
    }

    private static let queueMark = "queue '"
    private static let exchangeMark = "exchange '"

    /// Returns where the queue's name begins. In a text about an exchange, `queue '` is a part of the exchange's name,
    /// except in `no binding 'K' between exchange 'E' in vhost 'V' and queue 'Q' in vhost 'V'`.
    private static func start(in text: Substring) -> (mark: String, start: Substring.Index)? {
        var rest = text
        if text.hasBytePrefix("no binding '"), let end = text.lastRange(of: " and queue '") {
            rest = text[text.utf8.index(end.lowerBound, offsetBy: " and ".utf8.count)...]
        }
        guard let found = word(queueMark, in: rest) else { return nil }
        if let exchange = word(exchangeMark, in: rest), exchange.lowerBound < found.lowerBound { return nil }
        return (queueMark, found.upperBound)
    }

    private static func exchangeStart(in text: Substring) -> (mark: String, start: Substring.Index)? {
        word(exchangeMark, in: text).map { (exchangeMark, $0.upperBound) }
    }

    /// Returns the first place of a mark that is not the end of a longer word.
    private static func word(_ mark: String, in text: Substring) -> Range<Substring.Index>? {
        var rest = text
        while let found = rest.firstRange(of: mark) {
            let space = UInt8(ascii: " ")
            if found.lowerBound == text.startIndex || text.utf8[text.utf8.index(before: found.lowerBound)] == space {
                return found
            }
            rest = rest[found.upperBound...]
        }
        return nil
    }
}

/// A delivery that was not acknowledged in time: the broker logs queue and channel before it closes the channel with a
/// 406 that names no queue.
struct ConsumerTimeout: Equatable {
    var channel: Int
    var queue: String
    var vhost: String?

    /// Reads `Consumer 'TAG' on channel N and queue 'Q' in vhost 'V' has timed out waiting for a consumer
    /// acknowledgement …`.
    init?(_ head: Substring) {
        let middle = " and queue '"
        guard head.hasBytePrefix("Consumer "), let end = head.lastRange(of: " has timed out waiting for "),
            let queue = head[..<end.lowerBound].firstRange(of: middle),
            let channel = head[..<queue.lowerBound].lastRange(of: " on channel ").flatMap({
                Int(head[$0.upperBound..<queue.lowerBound])
            })
        else { return nil }
        let place = head[..<end.lowerBound]
        let subject = ReplySubject(place[place.utf8.index(queue.lowerBound, offsetBy: " and ".utf8.count)...])
        guard let name = subject.queue else { return nil }
        self.channel = channel
        self.queue = name
        vhost = subject.vhost
    }

    /// Whether a channel's error is what follows from the timeout.
    func explains(_ entry: LedgerEntry) -> Bool {
        guard entry.code == 406, entry.queue == nil, entry.channel == channel,
            entry.text.containsBytes(of: "delivery acknowledgement")
        else { return false }
        guard let vhost, let own = entry.vhost else { return true }
        return vhost.hasSameBytes(as: own)
    }
}
