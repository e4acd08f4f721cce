/// What a piece of the screen means. A theme says how each looks; nothing else on the screen chooses a colour.
///
/// A role never carries meaning alone: a mark or a word always says the same.
enum Role: Int, CaseIterable, Sendable {
    // Text
    case text
    case strong
    /// Labels, and figures that are of no interest now.
    case muted
    /// Zeroes and unknowns.
    case faint
    case accent
    // Judgement
    case good
    case info
    case warning
    case critical
    // Furniture
    case brand
    case rule
    case panelTitle
    case heading
    case headingSorted
    case tab
    case tabDigit
    case tabActive
    case crumb
    case key
    case keyText
    case badge
    case badgeWarning
    case badgeCritical
    // Charts
    case ready
    case unacked
    case publish
    case deliver
    case ack
    case axis
    case barFull
    case barEmpty
    // Overlays
    case border
    case overlayTitle
    case field
    case fieldFocused
    case button
    case buttonFocused
    case buttonDanger
    case choiceFocused
}
