import Foundation

/// Where AMQP is spoken, from an `amqp://` or `amqps://` URI.
///
/// See https://www.rabbitmq.com/docs/uri-spec: the path is the vhost, percent-encoded, and `%2F` is `/`.
struct AMQPAddress: Sendable, Equatable {
    var usesTLS: Bool
    var host: String
    var port: Int
    var username: String?
    var password: String?
    /// `nil` when the URI has no path, which leaves the vhost open.
    var vhost: String?

    /// - Parameter mention: how errors name where the text is from. The text itself stays out of them: it may hold
    ///   a password.
    init(_ text: String, mention: String) throws(SettingsError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["amqp", "amqps"].contains(scheme)
        else {
            throw SettingsError(
                "\(mention) is no AMQP URI. Write it as amqp://user:password@host:5672/vhost, with / in the vhost as %2F."
            )
        }
        usesTLS = scheme == "amqps"
        let name = parts.host ?? ""
        host = name.isEmpty ? "localhost" : name.hasPrefix("[") ? String(name.dropFirst().dropLast()) : name
        port = parts.port ?? (usesTLS ? 5671 : 5672)
        guard (1...65_535).contains(port) else {
            throw SettingsError("\(mention): \(port) is no port; ports are numbers from 1 to 65535.")
        }
        username = parts.user
        password = parts.password
        let path = parts.percentEncodedPath
        guard path.count > 0 else { return }
        let segment = path.dropFirst()
        guard !segment.contains("/"), let decoded = String(segment).removingPercentEncoding else {
            throw SettingsError("\(mention): the vhost is one path segment; write / in it as %2F.")
        }
        vhost = decoded
    }
}
