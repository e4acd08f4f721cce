import Faults
import Names
import RabbitMQManagement

extension BrokerFaults {
    func purge(_ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        let (name, vhost) = (try queue(order), vhost(order))
        try await asFault { () throws(ManagementError) in try await management.purge(vhost: vhost, queue: name) }
        return FaultInjection(note: "purged queue \(name) of vhost \(vhost)")
    }

    func deleteQueue(_ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        let (name, vhost) = (try queue(order), vhost(order))
        try await asFault { () throws(ManagementError) in
            try await management.deleteQueue(vhost: vhost, name: name)
        }
        return FaultInjection(note: "deleted queue \(name) of vhost \(vhost)")
    }

    func deleteExchange(_ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        guard let name = Name(order.fault.selector.exchange), !name.isEmpty else {
            throw FaultError(
                "'\(order.fault.name)' needs an exchange.",
                advice: "Select it: exchange, and its vhost; the default exchange cannot be deleted.")
        }
        let vhost = vhost(order)
        try await asFault { () throws(ManagementError) in
            try await management.deleteExchange(vhost: vhost, name: name)
        }
        return FaultInjection(note: "deleted exchange \(name) of vhost \(vhost)")
    }
}
