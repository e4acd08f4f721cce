/// The names of the themes, as `--theme` and the command line take them.
public enum ThemeName: String, Sendable, CaseIterable {
    case dark, light, mono
}
