import AMQPWire
import Faults
import NIOCore

/// A misuse that RabbitMQ answers with a reply code, once: the steps that lead to it, and the expected code.
struct Misuse: Sendable {
    /// When the misuse takes place.
    enum Stage: Sendable {
        /// During the handshake, with these changes to the configuration.
        case login(@Sendable (inout RawPeerConfiguration) -> Void)
        /// On a connection without a channel.
        case connection(Commit)
        /// With channel 1 open.
        case channel(Commit)
        /// With channel 1 open on each of two connections.
        case both(@Sendable (RawPeer, RawPeer) async throws(RawPeerError) -> Void)
    }

    typealias Commit = @Sendable (RawPeer) async throws(RawPeerError) -> Void

    var code: ReplyCode
    var stage: Stage

    init(_ code: ReplyCode, _ stage: Stage) {
        self.code = code
        self.stage = stage
    }
}

/// A fault that is one misuse.
protocol MisuseFault: PeerFault {
    var misuse: Misuse { get }
}

extension MisuseFault {
    func carryOut(by faults: OwnFaults, _ order: FaultOrder) async throws -> FaultInjection {
        FaultInjection(note: try await faults.commit(misuse, order))
    }
}

extension OwnFaults {
    /// Commits a misuse and waits for the broker's answer.
    ///
    /// - Returns: the answer as text.
    /// - Throws: if the answer differs from the expected one.
    func commit(_ misuse: Misuse, _ order: FaultOrder) async throws -> String {
        let verdict: RawPeerError
        switch misuse.stage {
        case .login(let change):
            var configuration = configuration(order)
            change(&configuration)
            verdict = await Self.verdict { () async throws(RawPeerError) in
                let peer = try await RawPeer.connect(configuration, on: group)
                await peer.close()
            }
        case .connection(let commit):
            let peer = try await RawPeer.connect(configuration(order), on: group)
            verdict = await Self.verdict(of: peer, commit)
            await peer.close()
        case .channel(let commit):
            let peer = try await connect(order)
            verdict = await Self.verdict(of: peer, commit)
            await peer.close()
        case .both(let commit):
            verdict = try await withPeer(order) { first in
                try await withPeer(order) { second in
                    await Self.verdict(of: second) { peer async throws(RawPeerError) in try await commit(first, peer) }
                }
            }
        }
        guard verdict.replyCode == misuse.code else {
            throw FaultError(
                "The broker did not answer \(misuse.code) to \(Self.name(order)), but: \(verdict.reason).",
                advice: "Other releases of RabbitMQ answer otherwise; try another 'how', where there is one.")
        }
        return "\(verdict) of \(Self.name(order))"
    }

    /// Returns the broker's answer to a misuse. It may have arrived while the peer was still sending.
    private static func verdict(of peer: RawPeer, _ commit: Misuse.Commit) async -> RawPeerError {
        let own = await verdict { () async throws(RawPeerError) in try await commit(peer) }
        switch own {
        case .connectionClosed, .channelClosed: return own
        case .ended, .silent, .wire, .unreachable: break
        }
        let theirs = await verdict { () async throws(RawPeerError) in
            let _: Never = try await peer.expect("an answer") { _ in nil }
        }
        return theirs
    }

    private static func verdict(_ body: () async throws(RawPeerError) -> Void) async -> RawPeerError {
        do {
            try await body()
            return .silent("an objection of the broker")
        } catch {
            return error
        }
    }
}

extension RawPeerError {
    /// The code with which the broker closed the channel or connection.
    var replyCode: ReplyCode? {
        switch self {
        case .connectionClosed(let close): close.replyCode
        case .channelClosed(_, let close): close.replyCode
        case .unreachable, .ended, .silent, .wire: nil
        }
    }
}
