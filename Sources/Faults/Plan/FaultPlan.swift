/// Faults with their times, as read from a plan file.
public struct FaultPlan: Sendable, Hashable, Decodable {
    /// A fault and the time of its injection.
    public struct Step: Sendable, Hashable, Decodable {
        /// Seconds after the start of the plan.
        public var at: Double
        /// The fault to inject.
        public var fault: Fault

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case at, fault, parameters, selector, seed
            case duration = "duration_s"
        }

        /// Creates a step.
        public init(at: Double, _ fault: Fault) {
            self.at = at
            self.fault = fault
        }

        public init(from decoder: any Decoder) throws {
            try decoder.refuseOthers(than: CodingKeys.allCases.map(\.rawValue))
            let values = try decoder.container(keyedBy: CodingKeys.self)
            at = try values.number(forKey: .at) ?? 0
            fault = Fault(
                try values.decode(String.self, forKey: .fault),
                try values.decodeIfPresent([String: FaultValue].self, forKey: .parameters) ?? [:],
                on: try values.decodeIfPresent(FaultSelector.self, forKey: .selector) ?? FaultSelector(),
                for: try values.number(forKey: .duration),
                seed: try values.whole(UInt64.self, forKey: .seed) ?? 1)
        }
    }

    /// The steps in the order of their times.
    public var steps: [Step]

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case steps = "fault"
    }

    /// Creates a plan, with its steps sorted by time.
    public init(_ steps: [Step]) { self.steps = steps.sorted { $0.at < $1.at } }

    public init(from decoder: any Decoder) throws {
        try decoder.refuseOthers(than: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(try values.decode([Step].self, forKey: .steps))
    }

    /// Validates every step before the first one is executed.
    ///
    /// - Parameter injectionPoints: The injection points that are available.
    /// - Throws: `FaultError`, with the number of the step.
    public func check(injectionPoints: Set<FaultDescription.InjectionPoint>) throws(FaultError) {
        for (index, step) in steps.enumerated() {
            do throws(FaultError) {
                let order = try FaultCatalogue.order(step.fault)
                guard injectionPoints.contains(order.description.injectionPoint) else {
                    throw FaultError(
                        "'\(step.fault.name)' cannot be injected here.",
                        advice: "It is injected at '\(order.description.injectionPoint.rawValue)'.")
                }
                guard step.at >= 0, step.at <= 86_400 else {
                    throw FaultError("'at' cannot be \(step.at).", advice: "It is in seconds, 0 to 86400.")
                }
            } catch {
                throw FaultError("Fault \(index + 1) of the plan: \(error.problem)", advice: error.advice)
            }
        }
    }

    /// Injects each fault at its time, until the task is cancelled.
    ///
    /// - Parameters:
    ///   - registry: The registry that injects the faults.
    ///   - clock: The clock of the plan.
    ///   - onProblem: Called with each step that could not be injected and the reason; the other steps are executed.
    public func run(
        on registry: FaultRegistry, clock: FaultClock = .system, onProblem: @Sendable (Step, FaultError) -> Void
    ) async {
        let start = clock.now()
        for step in steps {
            let pause = start + step.at - clock.now()
            if pause > 0 { try? await clock.sleep(pause) }
            guard !Task.isCancelled else { return }
            do throws(FaultError) {
                try await registry.inject(step.fault)
            } catch {
                onProblem(step, error)
            }
        }
    }
}
