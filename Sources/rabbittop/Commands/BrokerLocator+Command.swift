import BrokerLink
import Faults

extension BrokerLocator {
    /// - Throws: `CommandError` when faults of this room would strike another machine's broker, or nobody knows whose.
    func checkForFaults(in injectionPoint: FaultDescription.InjectionPoint) async throws {
        do throws(FaultError) {
            if let refusal = try await place(for: injectionPoint).refusal { throw refusal }
        } catch {
            throw CommandError(error)
        }
    }
}
