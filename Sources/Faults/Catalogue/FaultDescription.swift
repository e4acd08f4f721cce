/// One kind of fault as the catalogue lists it.
public struct FaultDescription: Sendable, Identifiable {
    /// Where it is done, and so what it needs.
    public enum InjectionPoint: String, Sendable, Codable, CaseIterable {
        /// On connections of our own: a raw peer commits what a correct client cannot.
        case own
        /// On the broker through its management API or rabbitmqctl.
        case broker
        /// On any application that passes through the proxy.
        case proxy
        /// On a private broker's processes.
        case node
    }

    /// The smallest thing that it breaks.
    public enum Scope: String, Sendable, Codable, CaseIterable {
        case message, channel, connection, user, vhost, queue, exchange, node, cluster
    }

    /// Rows on which a key offers it.
    public enum Target: String, Sendable, Codable, CaseIterable {
        case connection, channel, consumer, queue, exchange, node, client
    }

    /// Its name on the command line and in files, `close-channel`.
    public var name: String
    /// A few words for a menu.
    public var title: String
    public var injectionPoint: InjectionPoint
    public var scope: Scope
    /// What it does, in a sentence.
    public var does: String
    /// Who is hit, in general; the row it is aimed at tells how many.
    public var blast: String
    /// What undoing it does; nil when it happens once and cannot be taken back.
    public var undo: String?
    /// Seconds after which it is undone where nobody says otherwise; nil: it stays.
    public var defaultDuration: Double?
    /// What the application will see, in its own terms.
    public var application: String
    public var parameters: [FaultParameter]
    /// The parts of a selector that it heeds.
    public var selects: [FaultSelector.Field]
    public var targets: Set<Target>
    /// Whether it can take away what nobody can bring back: it is confirmed first.
    public var isDestructive: Bool
    /// Whether it needs a cluster of several nodes.
    public var needsCluster: Bool

    public var id: String { name }

    public init(
        _ name: String, _ title: String, _ injectionPoint: InjectionPoint, _ scope: Scope, does: String, blast: String,
        undo: String? = nil, defaultDuration: Double? = nil, application: String, parameters: [FaultParameter] = [],
        selects: [FaultSelector.Field] = [], targets: Set<Target>, isDestructive: Bool = false,
        needsCluster: Bool = false
    ) {
        self.name = name
        self.title = title
        self.injectionPoint = injectionPoint
        self.scope = scope
        self.does = does
        self.blast = blast
        self.undo = undo
        self.defaultDuration = defaultDuration
        self.application = application
        self.parameters = parameters
        self.selects = selects
        self.targets = targets
        self.isDestructive = isDestructive
        self.needsCluster = needsCluster
    }

    public subscript(parameter name: String) -> FaultParameter? { parameters.first { $0.name == name } }
}

/// A setting of a fault.
public struct FaultParameter: Sendable, Identifiable {
    public enum Kind: Sendable, Hashable {
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        /// At most so many bytes of UTF-8.
        case text(Int)
        case choice([String])
        case flag
    }

    public var name: String
    public var kind: Kind
    /// Nil: it has to be given.
    public var value: FaultValue?
    /// What it is, in a few words.
    public var help: String
    /// `ms`, `bytes/s` and so on.
    public var unit: String?

    public var id: String { name }

    public init(_ name: String, _ kind: Kind, _ value: FaultValue?, _ help: String, unit: String? = nil) {
        self.name = name
        self.kind = kind
        self.value = value
        self.help = help
        self.unit = unit
    }

    /// What values are allowed, in words.
    public var range: String {
        switch kind {
        case .integer(let range): "a whole number, \(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            "a number, \(FaultValue.number(range.lowerBound)) to \(FaultValue.number(range.upperBound))"
        case .text(let limit): "a text of at most \(limit) bytes"
        case .choice(let choices): choices.joined(separator: ", ")
        case .flag: "yes or no"
        }
    }

    /// The value as the parameter's own kind; nil when it does not fit.
    public func accept(_ value: FaultValue) -> FaultValue? {
        switch (kind, value) {
        case (.integer(let range), .integer(let integer)): range.contains(integer) ? value : nil
        case (.integer, .text(let text)): Int(text).flatMap { accept(.integer($0)) }
        case (.integer, .number(let number)): Int(exactly: number).flatMap { accept(.integer($0)) }
        case (.number(let range), .number(let number)): range.contains(number) ? value : nil
        case (.number, .integer(let integer)): accept(.number(Double(integer)))
        case (.number, .text(let text)): Double(text).flatMap { accept(.number($0)) }
        case (.text(let limit), .text(let text)): text.utf8.count <= limit ? value : nil
        case (.text, .integer), (.text, .number): accept(.text(value.description))
        case (.choice(let choices), .text(let text)): choices.contains(text) ? value : nil
        case (.flag, .flag): value
        case (.flag, .text(let text)):
            switch text {
            case "yes", "true", "on", "1": .flag(true)
            case "no", "false", "off", "0": .flag(false)
            default: nil
            }
        default: nil
        }
    }
}
