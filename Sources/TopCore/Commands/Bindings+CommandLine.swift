import Screen

extension Bindings {
    /// The keys of the line in which a command is typed.
    static let commandLine: [Binding] = [
        Binding(
            [.up], .olderFilter, "earlier command", "The command before, while one is typed", .dialog,
            in: [.commandLine], footer: "Earlier", hasWork: { $0.hasFilter(1) }),
        Binding(
            [.down], .newerFilter, "later command", "The command after, and then what was being typed", .dialog,
            in: [.commandLine], footer: "Later", hasWork: { $0.hasFilter(-1) }),
        Binding(
            [.tab], .completeName, "complete", "Complete the name before the cursor, or list those that begin so",
            .dialog, in: [.commandLine], footer: "Complete"),
    ]
}
