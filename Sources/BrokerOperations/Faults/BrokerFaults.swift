public import BrokerMonitor
public import Faults
import Foundation
public import Names
public import RabbitMQManagement

/// Carries out the faults of the injection point `broker`, through the management API, and one through rabbitmqctl.
///
/// A fault that can be undone is written to the journal first, and the previous settings are restored exactly.
public struct BrokerFaults: FaultInjector {
    let management: ManagementClient
    let journal: FaultJournal
    let rabbitmqctl: BrokerConfiguration.Rabbitmqctl?
    let own: @Sendable () -> Set<Name>

    /// Creates an injector.
    ///
    /// - Parameters:
    ///   - rabbitmqctl: raises errors on channels; nil: that fault is not available.
    ///   - ownConnections: the names of connections that are spared when many are closed: those of this process.
    public init(
        management: ManagementClient, journal: FaultJournal, rabbitmqctl: BrokerConfiguration.Rabbitmqctl? = nil,
        ownConnections: @escaping @Sendable () -> Set<Name> = { [] }
    ) {
        self.management = management
        self.journal = journal
        self.rabbitmqctl = rabbitmqctl
        own = ownConnections
    }

    /// Carries out a fault.
    ///
    /// - Throws: `FaultError` if it cannot be injected.
    public func inject(_ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        // The management client refuses its own requests when read-only; rabbitmqctl does not go through it.
        if management.configuration.isReadOnly {
            throw FaultError(
                "refused: rabbittop is read-only.", advice: "Start it without --read-only.", kind: .notPermitted)
        }
        switch order.declared {
        case let fault as PolicyTTLFault:
            return try await policy(order, "ttl", ["message-ttl": .integer(Int64(fault.milliseconds))])
        case let fault as PolicyMaxLengthFault:
            return try await policy(
                order, "max-length",
                ["max-length": .integer(Int64(fault.maxLength)), "overflow": .string("drop-head")])
        case let fault as PolicyRejectPublishFault: return try await rejectPublish(order, beyond: fault.maxLength)
        case let fault as VhostLimitFault: return try await limitVhost(order, fault)
        case let fault as UserLimitFault: return try await limitUser(order, fault)
        case let fault as RevokePermissionFault: return try await revoke(order, fault)
        case let fault as ForceCloseConnectionFault: return try await closeConnections(order, reason: fault.reason)
        case let fault as CloseUserFault: return try await closeUser(order, reason: fault.reason)
        case is PurgeFault: return try await purge(order)
        case is DeleteQueueFault: return try await deleteQueue(order)
        case is DeleteExchangeFault: return try await deleteExchange(order)
        case let fault as RaiseChannelErrorFault: return try await raise(fault.code, order)
        default:
            throw FaultError(
                "'\(order.fault.name)' is not a fault on a broker.",
                advice: "'rabbittop fault list' shows where each is injected.")
        }
    }

    // MARK: What can be undone

    /// Carries out what `repair` undoes.
    ///
    /// - Parameter before: a first step, which `repair` undoes, too; returns whether it changed something. If it did, a
    ///   failure of the second step is undone whatever the broker answered.
    func reversible(
        _ order: FaultOrder, _ repair: BrokerRepair, note: String,
        before: () async throws(ManagementError) -> Bool = { false }, _ act: () async throws(ManagementError) -> Void
    ) async throws(FaultError) -> FaultInjection {
        let broker = try await asFault { () throws(ManagementError) in try await BrokerIdentity(asking: management) }
        let entry = try await journal.add(repair, of: order.fault.name, on: broker)
        let undo: @Sendable () async throws(FaultError) -> String = { () async throws(FaultError) in
            let words = try await asFault { () throws(ManagementError) in try await repair.carryOut(on: management) }
            return words + (await journal.removeIfPossible(entry))
        }
        var hasBegun = false
        do throws(ManagementError) {
            hasBegun = try await before()
            try await act()
            return FaultInjection(note: note, undo: undo)
        } catch {
            guard hasBegun || Self.mayHaveBeenDone(error) else {
                _ = await journal.removeIfPossible(entry)
                throw FaultError(error)
            }
            // In a task of its own, because this one may be cancelled.
            let outcome = await Task { () async -> FaultError? in
                do throws(FaultError) {
                    _ = try await undo()
                    return nil
                } catch {
                    return error
                }
            }.value
            if outcome == nil { throw FaultError(error) }
            // The fault may be in force; the registry keeps trying to undo it.
            return FaultInjection(note: "may be in force: \(error.whatHappened)", undo: undo)
        }
    }

    /// Whether the broker may have carried out a request that it did not clearly answer.
    private static func mayHaveBeenDone(_ error: ManagementError) -> Bool {
        switch error.code {
        case .noCredentials, .badCredentials, .notPermitted, .notFound, .methodNotAllowed, .badRequest, .readOnly,
            .tlsFailed, .otherHost, .badSettings, .redirected, .shutDown:
            false
        default: true
        }
    }

    // MARK: Whom

    func vhost(_ order: FaultOrder) -> Name { Name(order.fault.selector.virtualHost) ?? "/" }

    func queue(_ order: FaultOrder) throws(FaultError) -> Name {
        guard let queue = Name(order.fault.selector.queue), !queue.isEmpty else {
            throw FaultError("'\(order.fault.name)' needs a queue.", advice: "Select it: queue, and its vhost.")
        }
        return queue
    }

    func user(_ order: FaultOrder) throws(FaultError) -> Name {
        guard let user = Name(order.fault.selector.user), !user.isEmpty else {
            throw FaultError("'\(order.fault.name)' needs a user.", advice: "Select one: user.")
        }
        return user
    }
}
