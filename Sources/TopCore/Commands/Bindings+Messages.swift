import Screen

extension Bindings {
    private static let both: Set<Binding.Context> = [.browser, .message]

    /// The keys of the browser of messages, of an opened message, and of the line that is typed there.
    static let messages: [Binding] = [
        Binding([.enter], .accept, "open", "Open the message", .messages, in: [.browser], footer: "Open"),
        Binding(
            [.escape, .character("q")], .back, "close",
            "Stop what runs; else close the message, clear the filter, close the messages", .messages, in: both,
            footer: "Close"),
        Binding(
            [.space], .browser(.tag), "tag", "Tag the message, or untag it: actions take all that are tagged",
            .messages, in: [.browser], footer: "Tag"),
        Binding(
            [.character("a")], .browser(.tagAll), "tag all", "Tag all that are shown, or untag them", .messages,
            in: [.browser]),
        Binding(
            [.character("/")], .browser(.filter), "filter",
            "Show the messages with a text, that match /regex/, or fulfil size > 10k and reason = expired", .messages,
            in: [.browser], footer: "Filter"),
        Binding(
            [.character("b")], .browser(.sendBack), "send back",
            "Send dead letters back to where they died: counted first, by reason and origin", .messages, in: both,
            effect: .acts, footer: "Send back"),
        Binding(
            [.character("m")], .browser(.move), "move", "Move messages to another queue or exchange", .messages,
            in: both, effect: .acts, footer: "Move"),
        Binding(
            [.character("c")], .browser(.copy), "copy", "Copy messages to another queue or exchange", .messages,
            in: both, effect: .acts, footer: "Copy"),
        Binding(
            [.character("E")], .browser(.edit), "edit",
            "Change key, properties, headers or body, and publish the message", .messages, in: both, effect: .acts,
            footer: "Edit"),
        Binding(
            [.character("D")], .browser(.delete), "delete", "Delete messages from the queue", .messages, in: both,
            effect: .destroys, footer: "Delete"),
        Binding(
            [.character("w")], .browser(.save), "save",
            "Save to a file: the body, or the message with properties, to publish it again", .messages, in: both,
            footer: "Save"),
        Binding(
            [.character("n")], .browser(.more), "more", "Read more messages; Page Down at the end does, too", .messages,
            in: [.browser], footer: "More"),
        Binding(
            [.character("r")], .browser(.again), "again", "Read the messages again", .messages, in: [.browser],
            footer: "Again"),
        Binding(
            [.right, .character("l")], .browser(.next), "next", "The next message", .messages, in: [.message],
            footer: "Next"),
        Binding(
            [.left, .character("p")], .browser(.previous), "previous", "The message before", .messages, in: [.message],
            footer: "Previous"),
        Binding(
            [.character("h"), .tab], .browser(.hex), "hex", "The body in hexadecimal, and back", .messages,
            in: [.message], footer: "Hex"),
        Binding(
            [.character("/")], .browser(.search), "search", "Look for a text in the message", .messages, in: [.message],
            footer: "Search"),
        Binding(
            [.character("n")], .browser(.searchNext), "next match", "To the next line with the text", .messages,
            in: [.message]),
        Binding(
            [.character("N")], .browser(.searchPrevious), "match before", "To the line with the text before", .messages,
            in: [.message]),
        Binding([.enter], .accept, "done", "Take what is typed", .messages, in: [.messageLine], footer: "OK"),
        Binding(
            [.escape], .back, "cancel", "Without the filter or the search", .messages, in: [.messageLine],
            footer: "Cancel"),
        Binding(
            [.escape, .character("q"), .enter], .back, "close", "Close", .general, in: [.difference, .help],
            footer: "Close"),
    ]
}
