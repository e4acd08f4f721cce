/// The messages that were peeked at.
public struct PeekView: Sendable, Equatable {
    /// The queue that was peeked at.
    public var queue: EntityID
    /// The messages, in the order of the queue.
    public var messages: [PeekedMessage]
    /// A remark about the result.
    public var note: String?
    /// The index of the message shown.
    public var selected = 0
    /// The number of lines scrolled.
    public var scroll = 0
    /// Whether the body is shown in hexadecimal.
    public var asHex = false

    /// Creates the view of messages, starting at the first one.
    public init(queue: EntityID, messages: [PeekedMessage], note: String? = nil) {
        self.queue = queue
        self.messages = messages
        self.note = note
    }
}

extension PeekView: OverlayContent {
    mutating func take(_ input: OverlayInput) -> OverlayOutcome? {
        switch input {
        case .command(.back), .command(.accept): return .closes
        case .command(.nextMessage): showMessage(by: 1)
        case .command(.previousMessage): showMessage(by: -1)
        case .command(.hex):
            asHex.toggle()
            scroll = 0
        case .move(let command, let room): scroll = command.scrolled(scroll, room)
        case .key, .paste, .command, .press: return nil
        }
        return .stays
    }

    private mutating func showMessage(by step: Int) {
        guard !messages.isEmpty else { return }
        selected = min(max(0, selected + step), messages.count - 1)
        scroll = 0
    }
}
