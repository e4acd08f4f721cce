/// An event of the timeline.
public struct LabMoment: Sendable, Hashable {
    /// The kind of event.
    public enum Kind: Sendable, Hashable {
        /// A fault, with the second at which it ended; nil while it is in force, or if it takes effect once.
        case fault(until: Double?)
        /// Errors with the same text at this time, and their number.
        case error(scope: LabErrorEntry.Scope, code: Int?, count: Int)
        /// The recovery of an application, with the seconds from the fault's beginning.
        case recovery(seconds: Double)
        /// A note on the progress.
        case note
    }

    /// The seconds from the start.
    public var at: Double
    /// The kind of event.
    public var kind: Kind
    /// The application concerned; empty if there is none in particular.
    public var application: String
    /// The description.
    public var text: String

    /// Creates an event.
    public init(at: Double, kind: Kind, application: String = "", text: String) {
        self.at = at
        self.kind = kind
        self.application = application
        self.text = text
    }
}

extension LabMoment {
    /// The event in one line: `order-service: 320 CONNECTION_FORCED (3 times)`.
    public var words: String {
        switch kind {
        case .note, .recovery: return text
        case .fault(let until):
            return text + (until.map { " for \((($0 - at) * 10).rounded() / 10) s" } ?? "")
        case .error(_, let code, let count):
            let who = application.isEmpty ? "" : "\(application): "
            let known = code.map { text.hasPrefix("\($0)") ? "" : "\($0) " } ?? ""
            return "\(who)\(known)\(text)\(count > 1 ? " (\(count) times)" : "")"
        }
    }
}

/// A group of errors with the same text.
public struct LabErrorEntry: Sendable, Hashable {
    /// What an error belongs to.
    public enum Scope: String, Sendable, Hashable, Codable, CaseIterable {
        case connection, channel, client, database
    }

    /// What the errors belong to.
    public var scope: Scope
    /// The AMQP reply code; nil if there is none.
    public var code: Int?
    /// The text.
    public var text: String
    /// The number of errors.
    public var count: Int
    /// The application that met the first of them.
    public var application: String

    /// Creates a group of errors.
    public init(scope: Scope, code: Int?, text: String, count: Int, application: String) {
        self.scope = scope
        self.code = code
        self.text = text
        self.count = count
        self.application = application
    }
}
