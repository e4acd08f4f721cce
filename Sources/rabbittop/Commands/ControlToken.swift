import Foundation

/// The token of a control API, as given on the command line of the server or the client.
enum ControlToken {
    static let variable = "RABBITTOP_CONTROL_TOKEN"

    /// Returns the given token.
    ///
    /// - Returns: nil if none was given.
    /// - Throws: `CommandError` for a file that cannot be read or is empty.
    static func given(
        file: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> String? {
        guard let file else {
            guard let token = environment[variable] else { return nil }
            return try checked(token, from: variable)
        }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw CommandError(
                "The token file \(Quotable.path(file)) cannot be read. Check the path and its permissions.")
        }
        if SettingsLoader.othersCanRead(file) {
            Output.complain("\(file) holds a token and others can read it; mend that with: chmod 600 \(file)")
        }
        return try checked(String(decoding: data, as: UTF8.self), from: file)
    }

    private static func checked(_ text: String, from place: String) throws -> String {
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty else { throw CommandError("\(place) has no token. Put one in, or leave it out.") }
        return token
    }
}
