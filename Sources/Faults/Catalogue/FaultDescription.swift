/// One kind of fault in the catalogue.
public struct FaultDescription: Sendable, Identifiable {
    /// Where a fault is injected, and therefore what it requires.
    public enum InjectionPoint: String, Sendable, Codable, CaseIterable {
        /// On rabbittop's own connections: a raw peer makes errors that a correct client cannot make.
        case own
        /// On the broker, through its management API or rabbitmqctl.
        case broker
        /// On any application that connects through the proxy.
        case proxy
        /// On the processes of a private broker.
        case node
    }

    /// The smallest object that a fault affects.
    public enum Scope: String, Sendable, Codable, CaseIterable {
        case message, channel, connection, user, vhost, queue, exchange, node, cluster
    }

    /// The kinds of rows that a fault is offered on.
    public enum Target: String, Sendable, Codable, CaseIterable {
        case connection, channel, consumer, queue, exchange, node, client
    }

    /// The name on the command line and in files, `close-channel`.
    public var name: String
    /// A few words for a menu.
    public var title: String
    /// The injection point.
    public var injectionPoint: InjectionPoint
    /// The smallest object that the fault affects.
    public var scope: Scope
    /// What the fault does, in a sentence.
    public var does: String
    /// What the fault affects in general; the target row determines how many objects.
    public var blast: String
    /// What undoing does; `nil` when the fault takes effect once and cannot be undone.
    public var undo: String?
    /// Seconds after which the fault is undone by default; `nil` when it has no time limit.
    public var defaultDuration: Double?
    /// What the application will see, in its own terms.
    public var application: String
    /// The parameters of the fault.
    public var parameters: [FaultParameter]
    /// The selector fields that the fault supports.
    public var selects: [FaultSelector.Field]
    /// The kinds of rows that the fault is offered on.
    public var targets: Set<Target>
    /// Whether the fault can destroy something irrecoverably: it requires confirmation.
    public var isDestructive: Bool
    /// Whether the fault requires a cluster of several nodes.
    public var needsCluster: Bool

    /// What the fault can end, or return to its sender, so that the proxy names it as the cause of such an event.
    package let breaks: Set<Scope>

    /// Reads the values of the parameters.
    package let read: @Sendable (_ values: [String: FaultValue]) -> any DeclaredFault

    public var id: String { name }

    /// Creates the description of a declared fault.
    package init<Declared: DeclaredFault>(
        _ declared: Declared.Type, _ name: String, _ title: String, _ injectionPoint: InjectionPoint, _ scope: Scope,
        does: String, blast: String, undo: String? = nil, defaultDuration: Double? = nil, application: String,
        selects: [FaultSelector.Field] = [], targets: Set<Target>, isDestructive: Bool = false,
        needsCluster: Bool = false, breaks: Set<Scope> = []
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
        var reader = FaultParameterReader()
        _ = Declared(&reader)
        parameters = reader.parameters
        self.selects = selects
        self.targets = targets
        self.isDestructive = isDestructive
        self.needsCluster = needsCluster
        self.breaks = breaks
        read = { values in
            var reader = FaultParameterReader(values)
            return Declared(&reader)
        }
    }

    /// Returns the parameter of this name; `nil` when there is none.
    public subscript(parameter name: String) -> FaultParameter? { parameters.first { $0.name == name } }
}

/// A parameter of a fault.
public struct FaultParameter: Sendable, Identifiable {
    /// The kind of a parameter's value, with its limits.
    public enum Kind: Sendable, Hashable {
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        /// At most this many bytes of UTF-8.
        case text(Int)
        case choice([String])
        case flag
    }

    /// The name on the command line and in files, `delay_ms`.
    public var name: String
    /// The kind of value, with its limits.
    public var kind: Kind
    /// The default value; `nil` when a value is required.
    public var value: FaultValue?
    /// The meaning, in a few words.
    public var help: String
    /// The unit, such as `ms` or `bytes/s`.
    public var unit: String?

    public var id: String { name }

    /// Creates a parameter; without a value it is required.
    public init(_ name: String, _ kind: Kind, _ value: FaultValue?, _ help: String, unit: String? = nil) {
        self.name = name
        self.kind = kind
        self.value = value
        self.help = help
        self.unit = unit
    }

    /// The allowed values, in words.
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

    /// Returns the value converted to the parameter's kind; `nil` when it does not fit.
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

/// The description as JSON; missing values are null.
extension FaultDescription: Encodable {
    private enum CodingKeys: String, CodingKey {
        case name, title, scope, does, blast, undo, application, parameters, selects, destructive
        case injectionPoint = "room"
        case defaultDuration = "default_duration_s"
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(title, forKey: .title)
        try values.encode(injectionPoint, forKey: .injectionPoint)
        try values.encode(scope, forKey: .scope)
        try values.encode(does, forKey: .does)
        try values.encode(blast, forKey: .blast)
        try values.encode(undo, forKey: .undo)
        try values.encode(defaultDuration, forKey: .defaultDuration)
        try values.encode(application, forKey: .application)
        try values.encode(parameters, forKey: .parameters)
        try values.encode(selects, forKey: .selects)
        try values.encode(isDestructive, forKey: .destructive)
    }
}

extension FaultParameter: Encodable {
    private enum CodingKeys: String, CodingKey {
        case name, help, unit, range
        case value = "default"
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(help, forKey: .help)
        try values.encode(unit, forKey: .unit)
        try values.encode(range, forKey: .range)
        try values.encode(value, forKey: .value)
    }
}
