import BrokerOperations
import Faults

extension BrokerLocator {
    /// Checks that faults may be injected into the broker.
    ///
    /// - Throws: `CommandError` if faults of this injection point would affect a broker on another machine, or its
    ///   place is unknown.
    func checkForFaults(in injectionPoint: FaultDescription.InjectionPoint) async throws {
        do throws(FaultError) {
            if let refusal = try await place(for: injectionPoint).refusal { throw refusal }
        } catch {
            throw CommandError(error)
        }
    }
}
