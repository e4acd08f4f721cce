import ArgumentParser
import Names
import TopCore

/// An error of ArgumentParser without the typed words, because one of them may be a password, after a mistyped option
/// or split at a space.
struct UsageProblem {
    /// What is wrong, and what to do.
    var message: String
    /// How the command is used, and where to read more.
    var usage: String

    var text: String { "Error: \(message)\n\(usage)" }

    /// - Parameter arguments: the command line without the program's name.
    /// - Returns: nil for an error that quotes nothing, and for one of rabbittop's own.
    init?(_ error: any Error, arguments: [String]) {
        guard let problem = Mirror(reflecting: error).children.first(where: { $0.label == "parserError" })?.value,
            case let mirror = Mirror(reflecting: problem), mirror.displayStyle == .enum
        else { return nil }
        let payload = mirror.children.first
        let parts = payload.map { Array(Mirror(reflecting: $0.value).children.map(\.value)) } ?? []
        let full = Rabbittop.fullMessage(for: error)
        usage = full.ranges(of: "Usage: ").last.map { String(full[$0.lowerBound...]) } ?? ""
        switch payload?.label ?? String(describing: problem) {
        case "helpRequested", "versionRequested", "dumpHelpRequested", "completionScriptRequested",
            "completionScriptCustomResponse", "missingValueForOption", "noValue", "missingSubcommand", "noArguments",
            "userValidationError", "notParentCommand":
            return nil
        case "unknownOption":
            message = Self.unknownOption(parts.last, Rabbittop.message(for: error))
        case "unexpectedValueForOption":
            message = "\(Self.option(parts.count > 1 ? parts[1] : nil) ?? "A flag") takes no value."
        case "unexpectedExtraValues":
            message = Self.extra(Self.values(payload?.value), arguments)
        case "unableToParseValue":
            message = Self.invalid(parts, Rabbittop.message(for: error))
        case "missingValueOrUnknownCompositeOption":
            message =
                "One of several one-letter options written together is not known or lacks its value. Write each separately."
        case "duplicateExclusiveValues": message = "Two options contradict each other."
        default: message = "An argument begins with dashes and is not an option. See --help."
        }
    }

    // MARK: Options

    private static func unknownOption(_ name: Any?, _ words: String) -> String {
        guard let option = option(name) else { return "There is no such option. See --help." }
        let advice = words.ranges(of: "Did you mean").last.map { " \(words[$0.lowerBound...])" } ?? ""
        return "There is no option \(option).\(advice)"
    }

    /// Returns an option as typed; nil if it contains letters that no option has, or seems to include its value.
    private static func option(_ name: Any?) -> String? {
        guard let name, let child = Mirror(reflecting: name).children.first, child.label == "long" else { return nil }
        guard let text = child.value as? String else { return nil }
        let isPlain =
            text.utf8.count <= 30
            && text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
        let known = ["password-stdin", "password-file", "password"]
        return isPlain && (!text.hasPrefix("pass") || known.contains(text)) ? "'--\(text)'" : nil
    }

    // MARK: Values

    /// Returns the parser's message about the option, without the value before it; a number is quoted.
    private static func invalid(_ parts: [Any], _ words: String) -> String {
        let given = parts.compactMap { $0 as? String }.first ?? ""
        let rest = words.utf8.dropFirst("The value '".utf8.count + given.utf8.count + 1)
        let about = String(decoding: rest, as: UTF8.self)
        guard about.hasBytePrefix(" is invalid") else { return "The value of an option cannot be used. See --help." }
        return Quotable.isNumber(given) ? "The value \(given)\(about)" : "The value\(about)"
    }

    private static func values(_ payload: Any?) -> [String] {
        guard let payload else { return [] }
        return Mirror(reflecting: payload).children.compactMap { pair in
            Mirror(reflecting: pair.value).children.map(\.value).compactMap { $0 as? String }.first
        }
    }

    private static func extra(_ values: [String], _ arguments: [String]) -> String {
        guard let first = values.first else { return "There is one argument too many." }
        let word = first.lowercased()
        if let view = ViewID.allCases.first(where: { $0.rawValue.hasSameBytes(as: word) }) {
            let name = view.rawValue
            if view == .lab { return "'\(name)' is a view. Show it with: rabbittop --view \(name)." }
            return
                "'\(name)' is a view, and no command. Print it with: rabbittop snapshot --view \(name); show it with: rabbittop --view \(name)."
        }
        let place = arguments.firstIndex { $0.hasSameBytes(as: first) }.map { "Argument \($0 + 1) is" }
        var text = "\(place ?? "There is") one too many. It is not repeated here: it may be a password."
        let commands = Rabbittop.configuration.subcommands.filter { $0.configuration.shouldDisplay }
            .compactMap { $0.configuration.commandName }
        if let near = commands.first(where: { EditDistance.between($0, word) <= 2 }) {
            text += " Did you mean \(near)?"
        }
        return text
    }
}
