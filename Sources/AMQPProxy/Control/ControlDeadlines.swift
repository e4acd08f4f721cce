import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTPTypes

/// Closes a connection of the control API that does not complete a request in time, or does not read an answer, so that
/// a slow client keeps neither memory nor a descriptor.
final class ControlDeadlines: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let patience: TimeAmount
    /// The deadline for the next request to be complete.
    private var reading: Scheduled<Void>?
    /// The deadline for the next part of an answer to be sent.
    private var writing: Scheduled<Void>?
    /// The number of complete requests without an answer; negative if a request was answered before it was complete.
    private var unanswered = 0
    /// The number of parts of answers that have not been sent.
    private var pending = 0

    init(_ patience: TimeAmount) { self.patience = patience }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { reading = deadline(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        if reading == nil { reading = deadline(context) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .end = unwrapInboundIn(data) {
            unanswered += 1
            reading?.cancel()
            reading = unanswered > 0 ? nil : deadline(context)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            unanswered -= 1
            if unanswered <= 0, reading == nil { reading = deadline(context) }
        }
        let written = promise ?? context.eventLoop.makePromise()
        pending += 1
        if writing == nil { writing = deadline(context) }
        let (handler, channel) = (NIOLoopBound(self, eventLoop: context.eventLoop), context.channel)
        written.futureResult.whenComplete { _ in handler.value.left(channel) }
        context.write(data, promise: written)
    }

    private func left(_ channel: any Channel) {
        pending -= 1
        writing?.cancel()
        writing = pending > 0 && channel.isActive ? deadline(channel) : nil
    }

    private func deadline(_ context: ChannelHandlerContext) -> Scheduled<Void> { deadline(context.channel) }

    private func deadline(_ channel: any Channel) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: patience) {
            // Otherwise the unsent bytes would stay in the kernel.
            channel.resetOnClose()
            channel.close(promise: nil)
        }
    }

    private func cancel() {
        reading?.cancel()
        writing?.cancel()
        reading = nil
        writing = nil
    }
}

/// Limits the number of answers in progress, so that readers that have stopped reading do not exhaust the memory.
final class RequestGate: Sendable {
    /// A slot in the gate; it becomes free when the last reference to it is released.
    final class Slot: Sendable {
        private let gate: RequestGate

        fileprivate init(_ gate: RequestGate) { self.gate = gate }

        deinit { gate.taken.withLockedValue { $0 -= 1 } }
    }

    let limit: Int
    private let taken = NIOLockedValueBox(0)

    init(limit: Int) { self.limit = limit }

    /// Returns a slot, or nil if all are taken.
    func enter() -> Slot? {
        let isFree = taken.withLockedValue { taken in
            guard taken < limit else { return false }
            taken += 1
            return true
        }
        return isFree ? Slot(self) : nil
    }
}
