import ArgumentParser

/// `rabbittop messages`: the messages of a queue, without a screen.
struct MessagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "messages", abstract: "List, read, move, copy, return, delete and save messages of a queue.",
        discussion: """
            A message that is moved leaves its queue only when its target has confirmed it: none is lost, whatever \
            ends, and how many may be there twice is said. Ctrl-C stops between two messages.
            """,
        subcommands: [
            MessagesListCommand.self, MessagesGetCommand.self, MessagesSaveCommand.self, MessagesLoadCommand.self,
            MessagesMoveCommand.self, MessagesCopyCommand.self, MessagesRequeueCommand.self,
            MessagesDeleteCommand.self,
        ])
}
