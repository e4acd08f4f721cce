/// The meaning of a part of the screen. A theme defines the appearance of each role; no other code chooses colours.
///
/// A role is never the only carrier of meaning: a mark or a word always expresses the same.
enum Role: Int, CaseIterable, Sendable {
    // Text
    case text
    case strong
    /// Labels, and figures that are not important now.
    case muted
    /// Zeroes and unknown values.
    case faint
    case accent
    // Judgement
    case good
    case info
    case warning
    case critical
    // Screen elements
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
