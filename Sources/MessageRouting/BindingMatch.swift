/// Whether a binding matches a message.
enum BindingMatch: Sendable, Hashable {
    case yes
    case no(Mismatch)
    /// It cannot be told, for this reason.
    case perhaps(String)
}
