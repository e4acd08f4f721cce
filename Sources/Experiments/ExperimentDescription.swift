/// The description of an experiment.
public struct ExperimentDescription: Sendable, Hashable {
    /// The name on the command line: `publisher-confirms`.
    public var name: String
    /// The title, in one line.
    public var title: String
    /// What happens, in two to four sentences.
    public var story: String
    /// The variants, beginning with the wrong ones.
    public var variants: [Variant]
    /// The settings, including the deadline.
    public var settings: [Setting]
    /// Whether it stops, kills or freezes its broker; such an experiment runs on a private broker only.
    public var needsBrokerControl: Bool

    /// The name of a setting of every experiment: the seconds after which it ends with what it knows. Never scaled.
    public static let deadlineName = "deadline"

    /// Creates a description.
    ///
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
                    "Seconds after which it ends with the results so far; never scaled",
                    1...86_400)
            ]
    }

    /// One way to write the application: a wrong one or its cure.
    public struct Variant: Sendable, Hashable {
        /// The name on the command line.
        public var name: String
        /// What the application does, in one sentence.
        public var what: String
        /// What is expected to happen, in one sentence.
        public var expectation: String
        /// Whether the variant is the cure.
        public var isCure: Bool

        /// Creates a variant.
        public init(name: String, what: String, expectation: String, isCure: Bool) {
            self.name = name
            self.what = what
            self.expectation = expectation
            self.isCure = isCure
        }
    }

    /// A setting of an experiment.
    public struct Setting: Sendable, Hashable {
        /// The name in kebab-case, both on the command line and in the settings file.
        public var name: String
        /// What the setting means.
        public var meaning: String
        /// The default. Its case is the setting's type: `.integer`, `.number` (seconds or a ratio), `.text` or `.flag`.
        public var value: LabValue
        /// The permitted range of a number.
        public var range: ClosedRange<Double>?

        /// Creates a setting.
        public init(name: String, meaning: String, value: LabValue, range: ClosedRange<Double>? = nil) {
            self.name = name
            self.meaning = meaning
            self.value = value
            self.range = range
        }

        /// Creates a setting without argument labels.
        public init(_ name: String, _ value: LabValue, _ meaning: String, _ range: ClosedRange<Double>? = nil) {
            self.init(name: name, meaning: meaning, value: value, range: range)
        }
    }

    /// Returns the variant with a name, or nil.
    public func variant(_ name: String) -> Variant? { variants.first { $0.name == name } }
}
