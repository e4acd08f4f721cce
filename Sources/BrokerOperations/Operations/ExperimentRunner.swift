public import TopCore

/// Runs experiments from the Lab view, and makes the pages about runs.
///
/// The program injects one into an `OperationRunner`; this module does not know the experiments.
public protocol ExperimentRunner: Sendable {
    /// Posts the current rows of the Lab view, and from then on whenever they change.
    func start(_ post: @escaping @Sendable ([LabRow]) -> Void) async
    /// Runs a variant to its end. If the task is cancelled, the run ends with the ledger so far.
    func run(_ order: LabOrder, progress: @escaping @Sendable (String, Double?) -> Void) async -> OperationReport
    /// Returns an HTML page about the variants of an experiment that were run here; `nil` before one has ended.
    func report(on experiment: String) async -> String?
    /// Returns an HTML page about a session's faults and what followed.
    func page(on report: FaultReport) -> String
}
