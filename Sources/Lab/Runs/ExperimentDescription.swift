/// What an experiment is, without running it.
public struct ExperimentDescription: Sendable, Hashable {
    /// As it is called on the command line: `publisher-confirms`.
    public var name: String
    /// One line.
    public var title: String
    /// What happens, in two to four sentences.
    public var story: String
    /// The wrong ones first.
    public var variants: [Variant]
    public var settings: [Setting]
    /// Whether it stops, kills or freezes its broker: such an experiment runs on a private one only.
    public var needsBrokerControl: Bool

    /// Every experiment has it: the seconds after which it ends with what it knows. Never scaled.
    public static let deadlineName = "deadline"

    /// - Parameter deadline: the default of the setting `deadline`, in seconds, counted from when the broker is ready.
    public init(
        name: String, title: String, story: String, variants: [Variant], settings: [Setting],
        needsBrokerControl: Bool = false, deadline: Double = 120
    ) {
        self.name = name
        self.title = title
        self.story = story
        self.variants = variants
        self.needsBrokerControl = needsBrokerControl
        self.settings =
            settings + [
                Setting(
                    Self.deadlineName, .number(deadline),
                    "Seconds after which it ends with what it knows; never scaled",
                    1...86_400)
            ]
    }

    /// One way to write the application: a wrong one or its cure.
    public struct Variant: Sendable, Hashable {
        public var name: String
        /// What the application does, in a sentence.
        public var what: String
        /// What is expected to happen, in a sentence.
        public var expectation: String
        public var isCure: Bool

        public init(name: String, what: String, expectation: String, isCure: Bool) {
            self.name = name
            self.what = what
            self.expectation = expectation
            self.isCure = isCure
        }
    }

    public struct Setting: Sendable, Hashable {
        /// In kebab-case, on the command line and in the settings file alike.
        public var name: String
        public var meaning: String
        /// The default. Its case is the setting's type: `.integer`, `.number` (seconds or a ratio), `.text` or `.flag`.
        public var value: LabValue
        /// For numbers.
        public var range: ClosedRange<Double>?

        public init(name: String, meaning: String, value: LabValue, range: ClosedRange<Double>? = nil) {
            self.name = name
            self.meaning = meaning
            self.value = value
            self.range = range
        }

        public init(_ name: String, _ value: LabValue, _ meaning: String, _ range: ClosedRange<Double>? = nil) {
            self.init(name: name, meaning: meaning, value: value, range: range)
        }
    }

    public func variant(_ name: String) -> Variant? { variants.first { $0.name == name } }
}
