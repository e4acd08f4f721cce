import BrokerLink
import Foundation
import RabbitMQClient
import RabbitMQManagement

extension BrokerLinkConfiguration {
    /// - Parameter password: the one to use where the settings have none.
    init(_ settings: Settings, password: String, registry: ClientRegistry = ClientRegistry()) {
        let tls = TLSSettings(
            certificateAuthorityFile: settings.caFile, clientCertificateFile: settings.certificateFile,
            clientKeyFile: settings.keyFile, verifiesPeer: !settings.isInsecure)
        self.init(
            management: ManagementConfiguration(settings, password: password),
            amqp: ConnectionConfiguration(settings, password: password, tls: tls),
            amqpTLS: settings.usesTLS ? tls : nil,
            prometheusPort: settings.prometheusPort,
            isReadOnly: settings.isReadOnly,
            brokerLogFile: settings.brokerLog,
            rabbitmqctl: settings.rabbitmqctl.map(RabbitmqctlCommand.init)?.run,
            attach: settings.attach,
            registry: registry)
    }
}

extension ConnectionConfiguration {
    /// The AMQP address that was given; nil leaves it to what the broker reports.
    fileprivate init?(_ settings: Settings, password: String, tls: TLSSettings) {
        if let address = settings.amqp {
            self.init(
                host: address.host, port: address.port, tls: address.usesTLS ? tls : nil,
                username: address.username ?? settings.username, password: address.password ?? password,
                virtualHost: address.vhost ?? settings.vhost ?? "/")
        } else if let port = settings.amqpPort {
            self.init(
                host: settings.host, port: port, tls: settings.usesTLS ? tls : nil, username: settings.username,
                password: password, virtualHost: settings.vhost ?? "/")
        } else {
            return nil
        }
    }
}

extension ManagementConfiguration {
    init(_ settings: Settings, password: String) {
        self.init(
            address: ManagementAddress(
                host: settings.host, port: settings.managementPort, isTLS: settings.usesTLS,
                pathPrefix: settings.pathPrefix),
            username: settings.username, password: password,
            tls: TLS(
                certificateAuthorityFile: settings.caFile, certificateFile: settings.certificateFile,
                privateKeyFile: settings.keyFile, isInsecure: settings.isInsecure),
            timeout: .seconds(settings.timeout), isReadOnly: settings.isReadOnly)
    }
}
