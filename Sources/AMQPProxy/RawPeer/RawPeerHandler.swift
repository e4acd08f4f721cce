import AMQPWire
import DequeModule
import NIOCore

import let Glibc.ECONNRESET

/// Keeps what a broker sent until a raw peer requests it, and stops reading at a limit.
final class RawPeerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private struct Waiter {
        var id: UInt64
        var promise: EventLoopPromise<RawFrame>
    }

    /// The highest number of waiting frames, and bytes of payload, at which reading stops.
    private static let mostFrames = 1_024
    private static let mostBytes = 1 << 20

    private var decoder = FrameDecoder(frameMax: UInt32(FrameScanner.largestKeptEarly))
    private var inbox: Deque<RawFrame> = []
    private var inboxBytes = 0
    private var waiters: Deque<Waiter> = []
    private var nextWaiter: UInt64 = 0
    /// Why nothing more arrives.
    private(set) var end: RawPeerError?
    private var wasReset = false
    private var isReadPending = false
    private var heartbeats: RepeatedTask?
    /// Completed when the broker has answered `connection.close`.
    private var closing: EventLoopPromise<Bool>?
    private var context: ChannelHandlerContext?

    /// The number of frames that wait to be requested.
    var kept: Int { inbox.count }

    /// Sets the negotiated frame size.
    func agree(onFrameMax frameMax: UInt32) { decoder.frameMax = frameMax }

    /// Whether headers and bodies of messages are kept; they are discarded if no caller reads them.
    var keepsContent = true
    var isReading = true {
        didSet { readMore() }
    }

    // MARK: Events of the socket

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish(.ended("the socket is closed"))
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) { readMore() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data))
        do {
            while let frame = try decoder.next() { take(frame) }
        } catch {
            finish(.wire(error))
            context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReadPending = false
        readMore()
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.ended(wasReset ? "the broker reset the socket" : "the broker ended the socket"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if (error as? IOError)?.errnoCode == ECONNRESET { wasReset = true }
        context.close(promise: nil)
    }

    private func readMore() {
        guard let context, !isReadPending, isReading, context.channel.isActive, inbox.count < Self.mostFrames,
            inboxBytes < Self.mostBytes
        else { return }
        isReadPending = true
        context.read()
    }

    private func take(_ frame: RawFrame) {
        if let closing {
            switch try? frame.parsed() {
            case .method(_, .connectionCloseOk): closing.succeed(true)
            case .method(_, .connectionClose): write(.connectionCloseOk)
            default: break
            }
            return
        }
        switch frame.type {
        case .heartbeat: return
        case .header, .body: if !keepsContent { return }
        case .method: break
        }
        if let waiter = waiters.popFirst() { return waiter.promise.succeed(frame) }
        inbox.append(frame)
        inboxBytes += frame.payload.readableBytes
    }

    private func finish(_ error: RawPeerError) {
        if end == nil { end = error }
        heartbeats?.cancel()
        heartbeats = nil
        closing?.succeed(false)
        failWaiters(error)
    }

    private func failWaiters(_ error: RawPeerError) {
        while let waiter = waiters.popFirst() { waiter.promise.fail(error) }
    }

    // MARK: What the peer asks for

    /// Returns the next frame; fails with `silent` after the time, if one is given.
    func next(_ what: String, within time: TimeAmount?, on loop: any EventLoop) -> EventLoopFuture<RawFrame> {
        if let frame = inbox.popFirst() {
            inboxBytes -= frame.payload.readableBytes
            readMore()
            return loop.makeSucceededFuture(frame)
        }
        if let end { return loop.makeFailedFuture(end) }
        let id = nextWaiter
        nextWaiter += 1
        let promise = loop.makePromise(of: RawFrame.self)
        waiters.append(Waiter(id: id, promise: promise))
        if let time {
            let handler = NIOLoopBound(self, eventLoop: loop)
            let timer = loop.scheduleTask(in: time) { handler.value.giveUp(id, .silent(what)) }
            promise.futureResult.whenComplete { _ in timer.cancel() }
        }
        readMore()
        return promise.futureResult
    }

    private func giveUp(_ id: UInt64, _ error: RawPeerError) {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return }
        waiters.remove(at: index).promise.fail(error)
    }

    /// Sends heartbeats from now on.
    func beat(every interval: TimeAmount) {
        guard let context, end == nil else { return }
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        heartbeats?.cancel()
        heartbeats = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            guard let context = handler.value.context, context.channel.isWritable else { return }
            var bytes = ByteBuffer()
            bytes.writeHeartbeat()
            context.writeAndFlush(NIOAny(bytes), promise: nil)
        }
    }

    /// Sends `connection.close`, and discards everything that still arrives except its answer.
    ///
    /// - Returns: whether the answer arrived in time.
    func closeConnection(within time: TimeAmount) -> EventLoopFuture<Bool>? {
        guard let context else { return nil }
        if let closing { return closing.futureResult }
        guard context.channel.isActive, end == nil else { return nil }
        let promise = context.eventLoop.makePromise(of: Bool.self)
        closing = promise
        let timer = context.eventLoop.scheduleTask(in: time) { promise.succeed(false) }
        promise.futureResult.whenComplete { _ in timer.cancel() }
        giveUpAll()
        write(.connectionClose(ConnectionClose(replyText: "closed by rabbittop")))
        isReading = true
        return promise.futureResult
    }

    /// Fails everything that waits, because this side ends the connection.
    func giveUpAll() {
        if end == nil { end = .ended("it was closed here") }
        inbox.removeAll()
        inboxBytes = 0
        failWaiters(.ended("it was closed here"))
    }

    private func write(_ method: Method) {
        var bytes = ByteBuffer()
        try? bytes.writeFrame(channel: 0, method)
        context?.writeAndFlush(NIOAny(bytes), promise: nil)
    }
}
