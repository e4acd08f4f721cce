import RabbitMQClient

/// Where AMQP is spoken, from a setting that holds an `amqp://` or `amqps://` URI.
struct AMQPAddress: Sendable, Equatable {
    let uri: AMQPURI

    /// - Parameter mention: how errors name where the text is from. The text itself stays out of them: it may hold
    ///   a password.
    init(_ text: String, mention: String) throws(SettingsError) {
        do throws(ClientError) {
            uri = try AMQPURI(text)
        } catch {
            throw SettingsError("\(mention): \(error.message) \(error.advice)")
        }
    }

    var usesTLS: Bool { uri.usesTLS }
    var host: String { ConnectionConfiguration(uri).host }
    var port: Int { ConnectionConfiguration(uri).port }
    var username: String? { uri.username }
    var password: String? { uri.password }
    /// `nil` when the URI has no path, which leaves the vhost open.
    var vhost: String? { uri.virtualHost }
}
