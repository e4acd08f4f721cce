import AMQPWire
import Faults
import NIOCore
import NIOPosix
import Names

/// Carries out the faults on rabbittop's own connections and channels: a raw peer does what a correct client cannot.
///
/// Every peer is named `rabbittop fault …` after its fault, in the broker's lists and logs as well. A fault that takes
/// effect once is over, with nothing left of it, when `inject` returns; a lasting fault keeps a connection until it is
/// undone. Queues that a fault needs for itself are exclusive, and are deleted with their connection.
public struct OwnFaults: FaultInjector {
    /// Closes any connection through the management API, given its name as RabbitMQ lists it, and the reason sent to
    /// its client.
    public typealias CloseConnection = @Sendable (_ name: String, _ reason: String) async throws -> Void

    let address: RawPeerAddress
    let username: String
    let password: String
    let closeConnection: CloseConnection?
    /// How long any answer of the broker may take.
    let patience: Duration
    let group: any EventLoopGroup

    /// Creates an injector for a broker.
    ///
    /// - Parameters:
    ///   - closeConnection: needed for `connection-forced`; nil: that fault is not available.
    ///   - patience: how long any answer of the broker may take.
    public init(
        address: RawPeerAddress, username: String, password: String, patience: Duration = .seconds(10),
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, closeConnection: CloseConnection?
    ) {
        self.address = address
        self.username = username
        self.password = password
        self.closeConnection = closeConnection
        self.patience = patience
        self.group = group
    }

    /// Carries out a fault.
    ///
    /// - Throws: `FaultError` if it cannot be injected.
    public func inject(_ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        guard let fault = order.declared as? any PeerFault else {
            throw FaultError(
                "'\(order.description.name)' is not done on connections of our own.",
                advice: "'rabbittop fault list' says what each fault needs.")
        }
        do {
            return try await fault.carryOut(by: self, order)
        } catch let error as FaultError {
            throw error
        } catch let error as RawPeerError {
            throw refused(error, order)
        } catch {
            throw FaultError("'\(order.description.name)' failed: \(error).", advice: "Look into the broker's log.")
        }
    }

    // MARK: Peers

    /// Returns the name of the fault's peer; it contains the number of the fault if there is one.
    static func name(_ order: FaultOrder) -> String { "rabbittop fault \(order.label)" }

    func configuration(_ order: FaultOrder) -> RawPeerConfiguration {
        var configuration = RawPeerConfiguration(
            address: address, username: username, password: password, name: Self.name(order))
        if let fault = order.declared as? any OwnFault { configuration.virtualHost = fault.vhost }
        configuration.patience = patience
        return configuration
    }

    /// Connects a peer and opens channel 1.
    func connect(
        _ order: FaultOrder, _ change: (inout RawPeerConfiguration) -> Void = { _ in }
    ) async throws(RawPeerError) -> RawPeer {
        var configuration = configuration(order)
        change(&configuration)
        let peer = try await RawPeer.connect(configuration, on: group)
        do {
            try await peer.openChannel()
            return peer
        } catch {
            await peer.end()
            throw error
        }
    }

    /// Connects, runs the body, and closes in any case.
    func withPeer<Value: Sendable>(
        _ order: FaultOrder, _ body: (RawPeer) async throws -> Value
    ) async throws -> Value {
        let peer = try await connect(order)
        do {
            let value = try await body(peer)
            await peer.close()
            return value
        } catch {
            await peer.close()
            throw error
        }
    }

    // MARK: Words

    /// Returns the error of a fault that failed because of the broker's answer.
    func refused(_ error: RawPeerError, _ order: FaultOrder) -> FaultError {
        switch error {
        case .unreachable:
            FaultError(
                "The broker at \(String(host: address.host, port: address.port)) cannot be reached: \(error.reason).",
                advice: "Check the address, and whether the broker runs.", kind: .unreachable)
        case .connectionClosed(let close):
            FaultError(
                "The broker answered \(error) of \(Self.name(order)).", advice: close.replyCode.advice,
                kind: close.replyCode == .accessRefused ? .notPermitted : .failed)
        case .channelClosed(_, let close):
            FaultError("The broker answered \(error) of \(Self.name(order)).", advice: close.replyCode.advice)
        case .ended, .silent, .wire:
            FaultError(
                "The broker did not answer \(Self.name(order)) as it should: \(error.reason).",
                advice: "Look into the broker's log.")
        }
    }
}

/// A fault that a raw peer carries out.
protocol PeerFault: OwnFault {
    /// Carries the fault out.
    func carryOut(by faults: OwnFaults, _ order: FaultOrder) async throws -> FaultInjection
}

extension RawPeerError {
    var reason: String {
        switch self {
        case .unreachable(let why): why
        case .connectionClosed, .channelClosed, .ended, .silent, .wire: description
        }
    }
}
