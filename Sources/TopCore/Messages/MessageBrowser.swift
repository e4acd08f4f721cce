public import Foundation
import Names
public import Screen

/// The messages of a queue that were read: a table of them, and one that is opened.
public struct MessageBrowser: Sendable, Equatable {
    /// What was read.
    public let page: BrowsedPage
    /// When it was read.
    public let readAt: Date
    /// The places in `page.messages` of those that match the filter.
    public private(set) var shown: [Int]
    /// The place in `shown` of the one under the cursor.
    public var selected = 0
    /// The places in `page.messages` of those that are tagged.
    public internal(set) var tagged: Set<Int> = []
    /// The filter, while it is typed.
    public private(set) var editor: LineEditor?
    /// The filter in force, as typed; empty for none.
    public private(set) var filter = ""
    /// What is wrong with the filter that is typed; the last one that was right is in force meanwhile.
    public private(set) var problem: String?
    /// The message that is opened.
    public internal(set) var opened: MessagePage?
    /// Whether messages left the queue since.
    public internal(set) var isOld = false
    private var size: Size

    /// Creates the browser of what was read.
    ///
    /// - Parameter size: the size of the screen.
    public init(_ page: BrowsedPage, readAt: Date, size: Size) {
        self.page = page
        self.readAt = readAt
        self.size = size
        shown = Array(page.messages.indices)
    }

    /// The queue.
    public var queue: EntityID { page.request.queue }

    /// The message under the cursor, or the opened one.
    public var current: BrowsedMessage? {
        opened?.message ?? (shown.indices.contains(selected) ? page.messages[shown[selected]] : nil)
    }

    /// The tagged messages, in the order of the queue.
    var taggedMessages: [BrowsedMessage] { tagged.sorted().map { page.messages[$0] } }

    /// Whether a filter or what to look for is typed.
    public var isTyping: Bool { editor != nil || opened?.search != nil }

    /// The screen has another size.
    mutating func fit(_ size: Size) {
        self.size = size
        opened?.fit(MessagePage.width(on: size))
    }

    /// Takes over filter and cursor of what was read before.
    mutating func follow(_ before: MessageBrowser) {
        filter = before.filter
        apply(filter)
        if page.request.continues { selected = 0 } else { selected = min(before.selected, max(0, shown.count - 1)) }
    }

    // MARK: Filter

    private mutating func apply(_ text: String) {
        do {
            if text.isEmpty {
                shown = Array(page.messages.indices)
            } else {
                let wanted = try MessageFilter(text)
                shown = page.messages.indices.filter { wanted.matches(page.messages[$0], at: readAt) }
            }
            filter = text
            problem = nil
            selected = min(selected, max(0, shown.count - 1))
        } catch {
            problem = "\(error)".parts(separatedBy: "\n").first.map { String($0) }
        }
    }

    private mutating func open(_ place: Int) {
        guard shown.indices.contains(place) else { return }
        selected = place
        let isHex = opened?.isHex ?? false
        opened = MessagePage(page.messages[shown[place]], width: MessagePage.width(on: size))
        if isHex { opened?.toggleHex() }
    }
}

/// What a key requests in the browser of messages.
public enum BrowserCommand: Hashable, Sendable, CaseIterable {
    case tag, tagAll
    /// Read more messages, or the same ones again.
    case more, again
    case filter
    /// In an opened message.
    case search, searchNext, searchPrevious, hex, next, previous
    case move, copy, sendBack, delete, edit, save
}

extension MessageBrowser: OverlayContent {
    mutating func take(_ input: OverlayInput) -> OverlayOutcome? {
        switch input {
        case .key(let key): return type { $0.take(key) } ? .stays : nil
        case .paste(let text):
            _ = type { editor in
                editor.insert(text)
                return true
            }
        case .command(.back): return back()
        case .command(.accept): accept()
        case .command(.browser(let command)): return take(command)
        case .command: return nil
        case .move(let command, let room): return move(command, room)
        case .press(let place): if opened == nil { selected == place ? open(place) : select(place) }
        }
        return .stays
    }

    /// Changes the line that is typed; returns false if there is none, or the key does not change it.
    private mutating func type(_ change: (inout LineEditor) -> Bool) -> Bool {
        if var line = editor {
            guard change(&line) else { return false }
            editor = line
            apply(line.text)
            return true
        }
        guard var line = opened?.search, change(&line) else { return false }
        opened?.search = line
        return true
    }

    private mutating func back() -> OverlayOutcome {
        if editor != nil {
            editor = nil
            apply("")
        } else if opened?.search != nil {
            opened?.search = nil
        } else if opened != nil {
            opened = nil
        } else if !filter.isEmpty {
            apply("")
        } else {
            return .closes
        }
        return .stays
    }

    private mutating func accept() {
        if editor != nil {
            // Its line says what is wrong.
            if problem == nil { editor = nil }
        } else if let text = opened?.search?.text {
            opened?.search = nil
            opened?.look(for: text)
        } else if opened == nil {
            open(selected)
        }
    }

    private mutating func take(_ command: BrowserCommand) -> OverlayOutcome? {
        switch command {
        case .tag: tag()
        case .tagAll:
            let all = Set(shown)
            if tagged.isSuperset(of: all) { tagged.subtract(all) } else { tagged.formUnion(all) }
        case .more: return more()
        case .again:
            var request = page.request
            request.continues = false
            return .begins(.messages(.browse(request)))
        case .filter: editor = LineEditor(filter)
        case .search: opened?.search = LineEditor()
        case .searchNext: opened?.goOn(1)
        case .searchPrevious: opened?.goOn(-1)
        case .hex:
            opened?.toggleHex()
        case .next: open(min(selected + 1, shown.count - 1))
        case .previous: open(max(selected - 1, 0))
        case .move, .copy, .sendBack, .delete, .edit, .save: return nil
        }
        return .stays
    }

    private mutating func tag() {
        guard shown.indices.contains(selected) else { return }
        let place = shown[selected]
        if tagged.remove(place) == nil { tagged.insert(place) }
        if opened == nil { select(selected + 1) }
    }

    private mutating func select(_ place: Int) { selected = min(max(0, place), max(0, shown.count - 1)) }

    private mutating func move(_ command: TableCommand, _ room: OverlayRoom) -> OverlayOutcome {
        if let page = opened {
            opened?.scroll = command.scrolled(page.scroll, room)
            return .stays
        }
        if case .pages(let pages) = command, pages > 0, selected >= shown.count - 1, filter.isEmpty, !page.isEnd {
            return more()
        }
        selected = command.scrolled(selected, OverlayRoom(page: room.page, limit: max(0, shown.count - 1)))
        return .stays
    }

    /// Reads on: of a stream the following messages, of a queue twice as many from its head.
    private func more() -> OverlayOutcome {
        if page.isEnd {
            return .says("These are all messages that were ready", .info)
        }
        var request = page.request
        if page.isStream {
            guard let offset = page.messages.last?.streamOffset, offset < .max else {
                return .says("The offset of the last message is not known", .warning)
            }
            request.start = String(offset + 1)
            request.continues = true
        } else {
            guard request.count < BrowseRequest.most else {
                return .says("At most \(ValueFormat.grouped(BrowseRequest.most)) messages are read at once", .warning)
            }
            request.count = min(BrowseRequest.most, max(request.count, page.messages.count) * 2)
        }
        return .begins(.messages(.browse(request)))
    }
}
