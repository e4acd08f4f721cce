import ServiceLifecycle

extension Connection: Service {
    /// Connects, and returns when the connection has closed for good. Closes the connection when the task is cancelled
    /// or a graceful shutdown begins (swift-service-lifecycle), and then returns. Throws why it could not connect, or
    /// an error such as `.connectionClosed` when the connection ended for another reason than a close by this process.
    public func run() async throws {
        try await withGracefulShutdownHandler {
            if case .closed(let reason) = self.state, reason.isOrderly { return }
            do throws(ClientError) {
                try await self.core.start()
            } catch {
                if error.code == .cancelled || self.core.isGivenUp { return }
                throw error
            }
            let reason = await self.core.closed(cancelled: {
                self.core.beginClose(code: 200, text: "Goodbye", timeout: .seconds(5))
            })
            if !reason.isOrderly { throw self.core.end?.error ?? .lost(reason) }
        } onGracefulShutdown: {
            self.core.beginClose(code: 200, text: "Goodbye", timeout: .seconds(5))
        }
    }
}
