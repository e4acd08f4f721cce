import AMQPWire
import Faults
import NIOCore

// Ends of connections, and missing heartbeats.
extension ConnectionForcedFault: PeerFault {
    /// Has a connection closed as by an operator.
    func carryOut(by faults: OwnFaults, _ order: FaultOrder) async throws -> FaultInjection {
        guard let closeConnection = faults.closeConnection else {
            throw FaultError(
                "'connection-forced' needs the management API.",
                advice: "Turn rabbitmq_management on, and say where it is.")
        }
        let peer = try await RawPeer.connect(faults.configuration(order), on: faults.group)
        do {
            // The API lists a connection only shortly after it is opened.
            let deadline = ContinuousClock.now + faults.patience
            while true {
                let refusal = await Self.refusal { try await closeConnection(peer.connection, reason) }
                guard let refusal else { break }
                guard ContinuousClock.now < deadline else {
                    throw FaultError(
                        "The management API did not close \(peer.connection): \(refusal).",
                        advice: "Check that it is the same broker's, without a proxy before its AMQP port.")
                }
                try await Task.sleep(for: .milliseconds(200))
            }
            let _: Never = try await peer.expect("connection.close") { _ in nil }
        } catch let error as RawPeerError {
            await peer.close()
            guard error.replyCode == .connectionForced else { throw error }
            return FaultInjection(note: "\(error) of \(OwnFaults.name(order)), \(peer.connection)")
        } catch {
            await peer.close()
            throw error
        }
    }

    private static func refusal(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch {
            return "\(error)"
        }
    }
}

extension PoliteCloseFault: PeerFault {
    /// Closes a connection properly.
    func carryOut(by faults: OwnFaults, _ order: FaultOrder) async throws -> FaultInjection {
        let peer = try await faults.connect(order)
        do {
            try await peer.send(.channelClose(ChannelClose(replyText: "closed by rabbittop")), on: 1)
            try await peer.expect("channel.close-ok") { if case .channelCloseOk = $0 { () } else { nil } }
        } catch {
            await peer.close()
            throw error
        }
        guard await peer.close(within: faults.patience) else { throw RawPeerError.silent("connection.close-ok") }
        return FaultInjection(
            note: "200 REPLY_SUCCESS: \(OwnFaults.name(order)) closed channel 1 and its connection, "
                + "and the broker agreed")
    }
}

extension TCPResetFault: PeerFault {
    /// Resets a connection without an AMQP close.
    func carryOut(by faults: OwnFaults, _ order: FaultOrder) async throws -> FaultInjection {
        let peer = try await faults.connect(order)
        await peer.reset()
        return FaultInjection(
            note: "reset the socket of \(OwnFaults.name(order)), \(peer.connection), with channel 1 open")
    }
}

extension StopHeartbeatsFault: ConsumingFault {
    /// Negotiates heartbeats and sends none; the broker closes the connection after two to three intervals.
    func carryOut(by faults: OwnFaults, _ order: FaultOrder) async throws -> FaultInjection {
        let seconds = heartbeat
        func silent(_ configuration: inout RawPeerConfiguration) {
            configuration.heartbeat = UInt16(clamping: seconds)
            configuration.sendsHeartbeats = false
        }
        let peer =
            queue.isEmpty ? try await faults.connect(order, silent) : try await faults.consumer(self, order, silent)
        let start = ContinuousClock.now
        let run = PeerRun.start(peer) { peer, run in
            await peer.dropContent()
            do {
                while true { _ = try await peer.nextMethod() }
            } catch RawPeerError.ended(let how) {
                let waited = (ContinuousClock.now - start) / .seconds(1)
                run.hit()
                throw RawPeerError.ended("\(how) after \((waited * 10).rounded() / 10) s of silence")
            }
        }
        let holds = queue.isEmpty ? "" : ", and holds messages of '\(queue)'"
        return run.injection(
            "\(OwnFaults.name(order)) agreed on a heartbeat of \(seconds) s and sends none\(holds)"
        ) { _, end in
            end.map { "the broker gave it up: \($0)" } ?? "its connection is closed; the broker had not noticed yet"
        }
    }
}
