import Faults
import TopCore

extension OperationRun {
    func inject(_ fault: Fault) async -> OperationReport {
        guard let registry = context.faults else { return Self.noRegistry }
        do throws(FaultError) {
            let record = try await registry.inject(fault)
            return .finished("\(record.label): \(record.note ?? record.state.rawValue)")
        } catch {
            return Self.failed(error)
        }
    }

    func undo(_ id: UInt64) async -> OperationReport {
        guard let registry = context.faults else { return Self.noRegistry }
        do throws(FaultError) {
            let record = try await registry.undo(id)
            return .finished("\(record.label): \(record.note ?? record.state.rawValue)")
        } catch {
            return Self.failed(error)
        }
    }

    func undoFaults() async -> OperationReport {
        guard let registry = context.faults else { return Self.noRegistry }
        let left = await registry.undoAll()
        guard let first = left.first else { return .finished("all faults are undone") }
        let names = left.map(\.label).joined(separator: ", ")
        return .faultFailed(
            "not undone: \(names)\(first.note.map { ": \($0)" } ?? "")", advice: "Undoing them is tried again.",
            record: first.id)
    }

    private static func failed(_ error: FaultError) -> OperationReport {
        guard let record = error.record else { return .failed(error.problem, advice: error.advice) }
        return .faultFailed(error.problem, advice: error.advice, record: record)
    }

    private static let noRegistry = OperationReport.failed(
        "no faults can be injected here", advice: "Faults are injected from the dashboard, with --proxy or in the demo."
    )
}
