import AMQPWire
import Faults
import NIOCore
import Names

// Faults on messages and their acknowledgements.

extension FaultTraffic {
    fileprivate func includes(_ frame: PassingFrame, in session: SessionMachine) -> Bool {
        let method = frame.method
        return switch self {
        case .acks:
            frame.side == .client && (method == .basicAck || method == .basicNack || method == .basicReject)
        case .confirms:
            frame.side == .broker && (method == .basicAck || method == .basicNack)
                && session.channels[frame.channel]?.isConfirming == true
        case .deliveries: frame.side == .broker && method == .basicDeliver
        }
    }
}

extension SwallowFault: FrameFault {
    func meets(_ frame: PassingFrame, in session: SessionMachine) -> Bool { traffic.includes(frame, in: session) }

    func strike(
        _ frame: PassingFrame, in session: inout SessionMachine, as cause: FaultCause,
        _ output: inout SessionMachine.Output
    ) -> SessionMachine.Verdict? {
        if traffic == .deliveries { _ = session.take(.dropped, frame.slice, frame.scanner, &output) }
        return .drop
    }
}

extension DelayFault: FrameFault {
    var keepsFrames: Bool { true }

    func meets(_ frame: PassingFrame, in session: SessionMachine) -> Bool { traffic.includes(frame, in: session) }

    func strike(
        _ frame: PassingFrame, in session: inout SessionMachine, as cause: FaultCause,
        _ output: inout SessionMachine.Output
    ) -> SessionMachine.Verdict? {
        let due = session.now + .milliseconds(Int64(milliseconds))
        if traffic == .deliveries {
            return session.take(.later(due, cause), frame.slice, frame.scanner, &output) ? .drop : nil
        }
        guard session.hold(frame.bytes, for: frame.channel, to: frame.side.other, until: due, by: cause) else {
            return nil
        }
        session.observeMethod(frame.slice, frame.scanner, from: frame.side, &output)
        return .drop
    }
}

extension DuplicateFault: FrameFault {
    var keepsFrames: Bool { traffic == .deliveries }

    func meets(_ frame: PassingFrame, in session: SessionMachine) -> Bool { traffic.includes(frame, in: session) }

    func strike(
        _ frame: PassingFrame, in session: inout SessionMachine, as cause: FaultCause,
        _ output: inout SessionMachine.Output
    ) -> SessionMachine.Verdict? {
        if traffic == .deliveries {
            return session.take(.twice(cause), frame.slice, frame.scanner, &output) ? .drop : nil
        }
        session.put(frame.bytes, to: frame.side.other)
        return nil
    }
}

extension NackConfirmFault: FrameFault {
    func meets(_ frame: PassingFrame, in session: SessionMachine) -> Bool {
        frame.method == .basicAck && FaultTraffic.confirms.includes(frame, in: session)
    }

    func strike(
        _ frame: PassingFrame, in session: inout SessionMachine, as cause: FaultCause,
        _ output: inout SessionMachine.Output
    ) -> SessionMachine.Verdict? {
        guard case .basicAck(let ack)? = frame.content else { return nil }
        session.observeMethod(frame.slice, frame.scanner, from: frame.side, &output)
        session.put(
            .basicNack(BasicNack(deliveryTag: ack.deliveryTag, multiple: ack.multiple, requeue: false)),
            channel: frame.channel, to: .client)
        return .drop
    }
}

extension ReturnMessageFault: FrameFault {
    /// An exchange that cannot exist: names that begin with `amq.` are reserved for the broker (AMQP 0-9-1, section
    /// 3.1.3).
    fileprivate static let nowhere: Name = "amq.rabbittop.nowhere"

    var keepsFrames: Bool { true }

    func meets(_ frame: PassingFrame, in session: SessionMachine) -> Bool {
        frame.side == .client && frame.method == .basicPublish
    }

    func strike(
        _ frame: PassingFrame, in session: inout SessionMachine, as cause: FaultCause,
        _ output: inout SessionMachine.Output
    ) -> SessionMachine.Verdict? {
        guard case .basicPublish(var publish)? = frame.content else { return nil }
        let sent = RedirectedPublishes.Names(exchange: publish.exchange, routingKey: publish.routingKey)
        guard session.channels[frame.channel]?.sentNowhere.isFull != true, session.hasRoom(for: sent.bytes) else {
            return nil
        }
        session.observeMethod(frame.slice, frame.scanner, from: .client, &output)
        session.channels[frame.channel]?.sentNowhere.append(sent)
        session.keeping.insert(frame.channel)
        publish.exchange = ""
        publish.routingKey = Self.nowhere
        publish.mandatory = true
        session.put(.basicPublish(publish), channel: frame.channel, to: .broker)
        return .drop
    }
}

extension SessionMachine {
    /// Restores the names that the application used in a message that the broker returns.
    mutating func comesBack(_ frame: FrameScanner.Slice, _ scanner: FrameScanner, _ output: inout Output) -> Verdict? {
        guard case .basicReturn(var returned)? = try? Method(payload: scanner.payload(of: frame)),
            returned.exchange.isEmpty, returned.routingKey == ReturnMessageFault.nowhere,
            let names = channels[frame.channel]?.sentNowhere.popFirst()
        else { return nil }
        returned.exchange = names.exchange
        returned.routingKey = names.routingKey
        observe(.basicReturn(returned), on: frame.channel, from: .broker, &output)
        put(.basicReturn(returned), channel: frame.channel, to: .client)
        return .drop
    }
}
