import BrokerSupport
import LocalBroker
import RabbitMQClient

/// Brokers with a TLS listener whose certificate holds for the name rabbit.test alone; started once for all tests.
struct TLSBroker: Sendable {
    let broker: TestBroker
    let certificates: TestCertificates

    /// Takes anybody's TLS, and user names and passwords as usual.
    static func open() async throws -> TLSBroker { try await Shared.open.broker() }
    /// Asks for a client certificate of its authority, and knows AMQPLAIN and EXTERNAL alone: no PLAIN.
    static func strict() async throws -> TLSBroker { try await Shared.strict.broker() }

    var port: Int { broker.node.ports.amqps }

    /// Trusts the broker's authority and asks for its name, unless changed.
    func configuration(_ change: (inout ConnectionConfiguration) -> Void = { _ in }) -> ConnectionConfiguration {
        broker.configuration {
            $0.port = port
            $0.tls = TLSSettings(
                certificateAuthorityFile: certificates.authority.certificate, serverName: "rabbit.test")
            $0.recovery = .off
            change(&$0)
        }
    }

    /// What the broker says of its connections.
    func listed(_ columns: String...) async throws -> [[String]] {
        let table = try await broker.node.rabbitmqctl(
            ["list_connections", "--quiet", "--no-table-headers"] + columns)
        return table.standardOutput.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
    }

    private actor Shared {
        static let open = Shared(isStrict: false)
        static let strict = Shared(isStrict: true)

        private let isStrict: Bool
        private var start: Task<TLSBroker, any Error>?

        init(isStrict: Bool) { self.isStrict = isStrict }

        func broker() async throws -> TLSBroker {
            // Detached, so that the first test's time limit or cancellation is not everybody's.
            let start = self.start ?? Task.detached { [isStrict] in try await Self.make(isStrict: isStrict) }
            self.start = start
            do {
                return try await start.value
            } catch {
                self.start = nil
                throw error
            }
        }

        private static func make(isStrict: Bool) async throws -> TLSBroker {
            let certificates = try await TestCertificates()
            let server = try await certificates.server("DNS:rabbit.test")
            let options = BrokerNode.Options {
                $0.plugins = isStrict ? [BrokerNode.Plugin(rawValue: "rabbitmq_auth_mechanism_ssl")] : []
                $0.tls = true
                $0.configuration = [
                    "ssl_options.cacertfile = \(certificates.authority.certificate)",
                    "ssl_options.certfile = \(server.certificate)",
                    "ssl_options.keyfile = \(server.key)",
                ]
                guard isStrict else { return }
                $0.configuration += [
                    "ssl_options.fail_if_no_peer_cert = true",
                    "auth_mechanisms.1 = AMQPLAIN",
                    "auth_mechanisms.2 = EXTERNAL",
                    "ssl_cert_login_from = common_name",
                ]
            }
            return TLSBroker(broker: try await TestBroker.fresh(options), certificates: certificates)
        }
    }
}

extension TLSSettings {
    /// With a client's certificate.
    func presenting(_ pair: TestCertificates.Pair) -> TLSSettings {
        var settings = self
        settings.clientCertificateFile = pair.certificate
        settings.clientKeyFile = pair.key
        return settings
    }
}
