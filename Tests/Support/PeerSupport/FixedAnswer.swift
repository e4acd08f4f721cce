import NIOCore

/// Answers the first bytes of every connection with the same text.
package final class FixedAnswer: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private let text: String

    /// - Parameter text: the whole answer.
    package init(text: String) {
        self.text = text
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}
