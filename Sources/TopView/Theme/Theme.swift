import Screen
import TopCore

/// The appearance of each role: the only place where colours are chosen.
///
/// Colours are the terminal's default foreground and background, or indices of xterm's 256 colours; a terminal with
/// fewer colours shows the nearest ones.
public struct Theme: Sendable, Equatable {
    /// The name of the theme.
    public let name: String
    private let styles: [Style]
    private let selection: Selection

    private enum Selection: Sendable, Equatable {
        case reverse
        /// A background, and the foreground for text that would be too faint on it.
        case background(Color, lifted: Color, faint: [Color])
    }

    /// The names that `--theme` accepts.
    public static let names = ThemeName.allCases.map(\.rawValue)

    /// Returns the theme of a name; the dark theme when there is none of that name.
    public static func named(_ name: String) -> Theme {
        switch ThemeName(rawValue: name) {
        case .light: light
        case .mono: mono
        case .dark, nil: dark
        }
    }

    subscript(_ role: Role) -> Style { styles[role.rawValue] }

    /// Returns the style of a text in the selected row.
    func selected(_ style: Style) -> Style {
        switch selection {
        case .reverse:
            // Dim letters are hard to read in reverse video.
            var style = style
            style.attributes.remove(.dim)
            return style.adding(.reverse)
        case .background(let color, let lifted, let faint):
            let style = style.background(color)
            return faint.contains(style.foreground) ? style.foreground(lifted) : style
        }
    }

    /// Returns the style of a text behind an overlay.
    func behind(_ style: Style) -> Style {
        switch selection {
        case .reverse: Style(attributes: .dim)
        case .background(_, _, let faint): Style(foreground: faint.first ?? .default)
        }
    }

    private init(name: String, selection: Selection, style: (Role) -> Style) {
        self.name = name
        self.selection = selection
        styles = Role.allCases.map(style)
    }

    /// A 256-colour palette of few hues; `text` is the terminal's default colour.
    private struct Palette {
        var muted: UInt8
        var faint: UInt8
        var rule: UInt8
        var accent: UInt8
        var good: UInt8
        var info: UInt8
        var warning: UInt8
        var critical: UInt8
        var headingText: UInt8
        var headingBackground: UInt8
        var activeText: UInt8
        var badgeText: UInt8
        var ready: UInt8
        var unacked: UInt8
        var publish: UInt8
        var deliver: UInt8
        var ack: UInt8
        var fieldBackground: UInt8
        var fieldFocusedBackground: UInt8
        var strong: UInt8

        func style(_ role: Role) -> Style {
            switch role {
            case .text: Style()
            case .strong, .panelTitle: Self.fore(strong, .bold)
            case .muted, .tab, .keyText: Self.fore(muted)
            case .faint, .axis: Self.fore(faint)
            case .accent, .tabDigit: Self.fore(accent)
            case .good, .barFull: Self.fore(good)
            case .info: Self.fore(info)
            case .warning: Self.fore(warning)
            case .critical: Self.fore(critical, .bold)
            case .brand, .key, .overlayTitle: Self.fore(accent, .bold)
            case .rule, .barEmpty: Self.fore(rule)
            case .border: Self.fore(accent)
            case .heading: Self.fore(headingText, on: headingBackground)
            case .headingSorted: Self.fore(accent, on: headingBackground, .bold)
            case .tabActive: Self.fore(activeText, on: accent, .bold)
            case .crumb: Self.fore(strong, .bold)
            case .badge: Self.fore(headingText, on: headingBackground)
            case .badgeWarning: Self.fore(badgeText, on: warning, .bold)
            case .badgeCritical: Self.fore(badgeText, on: critical, .bold)
            case .ready: Self.fore(ready)
            case .unacked: Self.fore(unacked)
            case .publish: Self.fore(publish)
            case .deliver: Self.fore(deliver)
            case .ack: Self.fore(ack)
            case .field: Style(background: .indexed(fieldBackground))
            case .fieldFocused: Self.fore(strong, on: fieldFocusedBackground)
            case .button: Self.fore(headingText, on: headingBackground)
            case .buttonFocused: Self.fore(activeText, on: accent, .bold)
            case .buttonDanger: Self.fore(badgeText, on: critical, .bold)
            case .choiceFocused: Self.fore(strong, on: fieldFocusedBackground, .bold)
            }
        }

        private static func fore(_ color: UInt8, _ attributes: Attributes = []) -> Style {
            Style(foreground: .indexed(color), attributes: attributes)
        }

        private static func fore(_ color: UInt8, on background: UInt8, _ attributes: Attributes = []) -> Style {
            Style(foreground: .indexed(color), background: .indexed(background), attributes: attributes)
        }
    }

    /// The theme for dark backgrounds.
    public static let dark: Theme = {
        let palette = Palette(
            muted: 246, faint: 240, rule: 238, accent: 75, good: 108, info: 110, warning: 179, critical: 203,
            headingText: 250, headingBackground: 236, activeText: 234, badgeText: 234, ready: 75, unacked: 179,
            publish: 114, deliver: 141, ack: 110, fieldBackground: 236, fieldFocusedBackground: 24, strong: 255)
        return Theme(
            name: "dark",
            selection: .background(
                .indexed(237), lifted: .indexed(250),
                faint: [.indexed(palette.faint), .indexed(palette.muted), .indexed(palette.rule)]),
            style: palette.style)
    }()

    /// The theme for light backgrounds.
    public static let light: Theme = {
        let palette = Palette(
            muted: 242, faint: 249, rule: 252, accent: 25, good: 28, info: 31, warning: 130, critical: 160,
            headingText: 238, headingBackground: 254, activeText: 255, badgeText: 255, ready: 25, unacked: 130,
            publish: 28, deliver: 91, ack: 31, fieldBackground: 254, fieldFocusedBackground: 153, strong: 232)
        return Theme(
            name: "light",
            selection: .background(
                .indexed(253), lifted: .indexed(240),
                faint: [.indexed(palette.faint), .indexed(palette.muted), .indexed(palette.rule)]),
            style: palette.style)
    }()

    /// A theme without colours: bold, dim, underlined and reversed.
    public static let mono = Theme(name: "mono", selection: .reverse) { role in
        switch role {
        case .text, .good, .info, .accent, .ready, .unacked, .publish, .deliver, .ack, .barFull, .border, .tabDigit,
            .crumb, .button:
            Style()
        case .muted, .faint, .rule, .axis, .barEmpty, .tab, .keyText: Style(attributes: .dim)
        case .strong, .panelTitle, .brand, .key, .overlayTitle, .warning, .critical: Style(attributes: .bold)
        case .heading: Style(attributes: .underline)
        case .headingSorted: Style(attributes: [.underline, .bold])
        case .field: Style(attributes: .underline)
        case .fieldFocused: Style(attributes: [.underline, .bold])
        case .tabActive, .badge, .badgeWarning, .badgeCritical, .buttonFocused, .buttonDanger, .choiceFocused:
            Style(attributes: .reverse)
        }
    }
}
