import Names

/// Maps the names in the broker's log to AMQP reply codes.
///
/// Source: AMQP 0-9-1 specification, section 1.2.
enum ReplyName {
    /// Returns the code of `not_found`, `NOT_FOUND` and the like.
    static func code(_ name: some StringProtocol) -> Int? {
        switch name.lowercased() {
        case "content_too_large": 311
        case "no_route": 312
        case "no_consumers": 313
        case "connection_forced": 320
        case "invalid_path": 402
        case "access_refused": 403
        case "not_found": 404
        case "resource_locked": 405
        case "precondition_failed": 406
        case "frame_error": 501
        case "syntax_error": 502
        case "command_invalid": 503
        case "channel_error": 504
        case "unexpected_frame": 505
        case "resource_error": 506
        case "not_allowed": 530
        case "not_implemented": 540
        case "internal_error": 541
        default: nil
        }
    }

    /// Returns a reply text without the leading name, because the name is shown already: `NOT_FOUND - no queue 'a'`.
    static func textWithoutName(_ text: String, name: String) -> String {
        let prefix = name + " - "
        return text.hasBytePrefix(prefix) ? String(Substring(text.utf8.dropFirst(prefix.utf8.count))) : text
    }
}
