import RabbitMQClient

/// An AMQP address, from a setting that contains an `amqp://` or `amqps://` URI.
struct AMQPAddress: Sendable, Equatable {
    let uri: AMQPURI

    /// Parses the URI.
    ///
    /// - Parameter mention: how errors name the origin of the text. The text itself is not quoted, because it may
    ///   contain a password.
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
    /// `nil` if the URI has no path, which leaves the vhost open.
    var vhost: String? { uri.virtualHost }
}
