import BrokerLink
import Faults

extension BrokerLocator {
    /// - Throws: `CommandError` when faults of this room would strike another machine's broker, or nobody knows whose.
    func checkForFaults(in room: FaultDescription.Room) async throws {
        do throws(FaultError) {
            if let refusal = try await place(for: room).refusal { throw refusal }
        } catch {
            throw CommandError(error)
        }
    }
}
