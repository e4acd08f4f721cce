import ServiceLifecycle

extension Connection: Service {
    /// Connects, and stays until the connection has closed for good. Closes it when the task is cancelled or a graceful
    /// shutdown begins (swift-service-lifecycle), and returns then. Throws why it could not connect, or `.connectionClosed`
    /// and the like when it ended for another reason than being closed by this process.
    public func run() async throws {
        try await withGracefulShutdownHandler {
            if case .closed(let reason) = self.state, reason.isOrderly { return }
            do throws(ClientError) {
                try await self.core.start()
            } catch {
                if error.code == .cancelled || self.core.isGivenUp { return }
                throw error
            }
            let reason = await withTaskCancellationHandler {
                await self.core.closedUncancellably()
            } onCancel: {
                self.core.beginClose(code: 200, text: "Goodbye", timeout: .seconds(5))
            }
            if !reason.isOrderly { throw self.core.finalError ?? .lost(reason) }
        } onGracefulShutdown: {
            self.core.beginClose(code: 200, text: "Goodbye", timeout: .seconds(5))
        }
    }
}
