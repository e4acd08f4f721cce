import Foundation
import Names
import Screen

/// What is shown on top of the view and receives the keys.
public enum Overlay: Sendable, Equatable {
    /// The keys.
    case help(HelpView)
    /// The filter of the view, being edited.
    case filter(FilterPrompt)
    /// A command, being typed.
    case commandLine(CommandPrompt)
    /// A question before a destructive operation.
    case confirmation(ConfirmationPrompt)
    /// Fields to fill in before an operation starts.
    case form(Form)
    /// The columns of the view.
    case columns(ColumnChooser)
    /// A list to choose from.
    case picker(Picker)
    /// Messages of a queue.
    case browser(MessageBrowser)
    /// What changed between two times.
    case difference(DifferenceView)
}

/// What an overlay is given.
enum OverlayInput {
    /// A key before its binding is looked up: text for a line being edited.
    case key(Key)
    /// Pasted text.
    case paste(String)
    /// What a key or the footer requests.
    case command(Command)
    /// A move by keys or by the wheel.
    case move(TableCommand, OverlayRoom)
    /// A click on a choice, a field or a button, by its index.
    case press(Int)
}

/// The room that the last frame had for an overlay that scrolls.
struct OverlayRoom: Equatable {
    /// The number of lines of a page.
    var page: Int
    /// The largest useful scroll position.
    var limit: Int
}

/// What follows beyond the overlay from an input, or from a key that asks for an overlay.
enum OverlayOutcome: Equatable {
    /// Nothing, or the overlay has changed itself.
    case stays
    /// The overlay closes.
    case closes
    /// This overlay is shown, in the place of the one before.
    case shows(Overlay)
    /// A notice.
    case says(String, State.Notice.Severity)
    /// The overlay closes, and the operation starts.
    case starts(Operation)
    /// The operation starts, and the overlay stays.
    case begins(Operation)
    /// The values of the form are to be read.
    case submits(Form)
    /// The overlay closes, and all views are limited to this vhost, or to none.
    case limits(to: Name?)
    /// The overlay closes, and this place is shown.
    case leads(to: Lead)
    /// The view's filter changes.
    case filters(Filter, closes: Bool)
    /// The overlay closes, and this is copied to the clipboard.
    case copies(CopyKind)
    /// The view's columns change.
    case arranges(ColumnSetup, closes: Bool)
    /// The overlay closes, and the filter goes into the history.
    case keepsFilter(String)
    /// The overlay closes, and this time is shown.
    case goes(to: Date)
    /// The overlay closes, and what happens is recorded to this file.
    case records(String)
    /// The name before the cursor of the command line is to be completed.
    case completesCommand
    /// The line that was typed is to be carried out.
    case runs(String)
    /// The overlay closes, and this cluster of the configuration is shown.
    case switches(to: Name, isConfirmed: Bool)
    /// This overlay is shown before the one below it, which comes back when it closes.
    case covers(with: Overlay)
}

extension OverlayOutcome {
    static func asks(_ question: ConfirmationPrompt) -> Self { .shows(.confirmation(question)) }
    static func fills(_ form: Form) -> Self { .shows(.form(form)) }
    static func lists(_ picker: Picker) -> Self { .shows(.picker(picker)) }
}

/// An overlay as a value: it changes itself by what it is given, and says what follows beyond it.
protocol OverlayContent {
    /// Takes an input; returns `nil` for one that is not for this overlay.
    mutating func take(_ input: OverlayInput) -> OverlayOutcome?
}

extension Overlay {
    /// Passes an input to the overlay; returns `nil` for one that is not for it.
    mutating func take(_ input: OverlayInput) -> OverlayOutcome? {
        func given<Content: OverlayContent>(
            _ content: Content, _ overlay: (Content) -> Overlay
        ) -> (Overlay, OverlayOutcome?) {
            var content = content
            let outcome = content.take(input)
            return (overlay(content), outcome)
        }
        let outcome: OverlayOutcome?
        switch self {
        case .help(let help): (self, outcome) = given(help, Overlay.help)
        case .filter(let prompt): (self, outcome) = given(prompt, Overlay.filter)
        case .commandLine(let prompt): (self, outcome) = given(prompt, Overlay.commandLine)
        case .confirmation(let prompt): (self, outcome) = given(prompt, Overlay.confirmation)
        case .form(let form): (self, outcome) = given(form, Overlay.form)
        case .columns(let chooser): (self, outcome) = given(chooser, Overlay.columns)
        case .picker(let picker): (self, outcome) = given(picker, Overlay.picker)
        case .browser(let browser): (self, outcome) = given(browser, Overlay.browser)
        case .difference(let page): (self, outcome) = given(page, Overlay.difference)
        }
        return outcome
    }
}

/// The overlays that are open: one is shown, the others wait for their turn.
struct OverlayStack: Sendable, Equatable {
    /// The overlay that is shown.
    var top: Overlay?
    /// Overlays that no key opened, the first to be shown first.
    private var waiting: [Overlay] = []

    /// Closes the overlay that is shown; one that waits takes its place.
    mutating func close() {
        top = waiting.isEmpty ? nil : waiting.removeFirst()
    }

    /// Shows an overlay in front of the one that is shown, which comes back when it closes.
    mutating func cover(with overlay: Overlay) {
        if let top { waiting.insert(top, at: 0) }
        top = overlay
    }

    /// Changes the overlays, the one that is shown first, until the change says that it is done; returns whether it
    /// was.
    mutating func change(_ change: (inout Overlay) -> Bool) -> Bool {
        if var overlay = top {
            let isDone = change(&overlay)
            top = overlay
            if isDone { return true }
        }
        for index in waiting.indices where change(&waiting[index]) { return true }
        return false
    }

    /// Shows an overlay that was not opened by a key; it waits while another one is open.
    mutating func offer(_ overlay: Overlay) {
        if top == nil { top = overlay } else { waiting.append(overlay) }
    }
}

/// The list of keys.
public struct HelpView: Sendable, Equatable {
    /// The number of lines scrolled.
    public var scroll: Int

    /// Creates the list, scrolled by a number of lines.
    public init(scroll: Int = 0) {
        self.scroll = scroll
    }
}

extension HelpView: OverlayContent {
    mutating func take(_ input: OverlayInput) -> OverlayOutcome? {
        switch input {
        case .command(.back), .command(.accept), .command(.help): return .closes
        case .move(let command, let room): scroll = command.scrolled(scroll, room)
        case .key, .paste, .command, .press: return nil
        }
        return .stays
    }
}

extension TableCommand {
    /// Returns a position in a list of lines after this move, from 0 to the limit.
    func scrolled(_ place: Int, _ room: OverlayRoom) -> Int {
        let limit = max(0, room.limit)
        let place = min(max(0, place), limit)
        // No list is this long, and the sum does not overflow.
        let longest = 1 << 30
        func moved(_ lines: Int) -> Int { max(0, min(place, longest) + min(max(lines, -longest), longest)) }
        let target =
            switch self {
            case .lines(let lines): moved(lines)
            case .pages(let pages): moved(pages * max(1, room.page - 1))
            case .top: 0
            case .bottom: min(limit, longest)
            case .row, .item, .columns, .sortBy, .order, .sortStep, .sortInvert, .follow, .show, .tag, .tagAll, .untag,
                .filter, .filterColumns, .narrow, .page, .touch, .hold, .end:
                place
            }
        return min(target, limit)
    }
}
