import Names
import Tracing

// Publishing and consuming while somebody traces: the ways through which messages go then, beside those without.
extension ChannelCore {
    /// The span ends when the message is on its way; its confirm is awaited apart.
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

    /// The span ends with the confirm.
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

    /// The queue that a consumer of this channel consumes from.
    func queueName(ofConsumer tag: Name) -> Name? {
        tag.isEmpty ? nil : state.withLockedValue { $0.consumers[tag]?.queueName }
    }
}
