import Names
import Tracing

// Publishing and consuming with tracing; without tracing these functions are not used.
extension ChannelCore {
    /// Publishes a message. The span ends when the message is sent; its confirm is awaited separately.
    func publishConfirmed(
        _ message: OutgoingMessage, _ tracing: MessageTracing
    ) async throws(ClientError) -> UInt64 {
        var message = message
        let span = tracing.startPublish(&message)
        do throws(ClientError) {
            let sequence = try await publishConfirmed(message, isTraced: true)
            MessageTracing.end(span)
            return sequence
        } catch {
            MessageTracing.end(span, error)
            throw error
        }
    }

    /// Publishes a message and waits for its confirm. The span ends with the confirm.
    func publishAndWait(_ message: OutgoingMessage, _ tracing: MessageTracing) async throws(ClientError) {
        var message = message
        let span = tracing.startPublish(&message)
        do throws(ClientError) {
            try await awaitConfirm(try await publishConfirmed(message, isTraced: true))
            MessageTracing.end(span)
        } catch {
            MessageTracing.end(span, error)
            throw error
        }
    }

    func publishUnconfirmed(_ message: OutgoingMessage, _ tracing: MessageTracing) async throws(ClientError) {
        var message = message
        let span = tracing.startPublish(&message)
        do throws(ClientError) {
            try await publishUnconfirmed(message, isTraced: true)
            MessageTracing.end(span)
        } catch {
            MessageTracing.end(span, error)
            throw error
        }
    }

    /// Returns the queue that a consumer of this channel consumes from.
    func queueName(ofConsumer tag: Name) -> Name? {
        tag.isEmpty ? nil : state.withLockedValue { $0.consuming.consumers[tag]?.queueName }
    }
}
