import Faults
import NIOCore

import let Glibc.ECONNRESET

/// Passes the events of one socket to its session.
final class RelayHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let session: ProxySession
    private let side: Side

    init(_ session: ProxySession, side: Side) {
        self.session = session
        self.side = side
    }

    func channelActive(context: ChannelHandlerContext) {
        if side == .client { session.accepted() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        session.received(unwrapInboundIn(data), from: side)
    }

    func channelReadComplete(context: ChannelHandlerContext) { session.readCompleted(side) }

    func channelWritabilityChanged(context: ChannelHandlerContext) { session.writabilityChanged(side) }

    func channelInactive(context: ChannelHandlerContext) { session.ended(side) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if (error as? IOError)?.errnoCode == ECONNRESET { session.wasReset(side) }
        session.failed(error, side)
        context.close(promise: nil)
    }
}
