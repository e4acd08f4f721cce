import Faults
import RabbitMQManagement

/// A policy under which a full queue rejects publishes and keeps its messages.
///
/// A classic queue that receives `max-length` and `overflow` together drops its messages down to the new length before
/// it applies the overflow behaviour (measured on RabbitMQ 3.10.8, 4.0.5 and 4.3.6). So the policy first sets a length
/// that no queue reaches, and then the intended length.
extension BrokerFaults {
    func rejectPublish(
        _ order: FaultOrder, beyond maxLength: Int
    ) async throws(FaultError) -> FaultInjection {
        let limit = Int64(maxLength)
        return try await policy(
            order, "reject-publish", ["max-length": .integer(limit), "overflow": .string("reject-publish")],
            isSafe: Self.refuseIfOverflowIsFixed,
            before: ["max-length": .integer(BrokerRepair.unreachedLength)])
    }

    /// Throws if `overflow` is set by the queue's own arguments or by an operator policy. These take precedence over a
    /// policy, so the queue would drop its messages instead of rejecting new ones.
    private static func refuseIfOverflowIsFixed(
        _ queue: QueueInfo, _ operatorPolicy: PolicyInfo?
    ) throws(FaultError) {
        let fixed: [(String, String?)] = [
            ("its argument x-overflow", queue.arguments["x-overflow"]?.text),
            ("its operator policy's overflow", operatorPolicy?.definition["overflow"]?.text),
        ]
        for case (let what, let overflow?) in fixed where !overflow.hasPrefix("reject-publish") {
            throw FaultError(
                "Queue \(queue.name) drops its oldest messages when it is full: \(what) is \(overflow), which a policy does not change.",
                advice: "policy-max-length does that on purpose.")
        }
    }
}
