import BrokerMonitor
import Foundation
import RabbitMQClient
import RabbitMQManagement

extension BrokerConfiguration {
    /// - Parameter password: the password to use if the settings have none.
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
        showsOwn = settings.showsOwn
        listens = settings.listens
    }
}

extension ConnectionConfiguration {
    /// Creates the given AMQP address; nil leaves it to what the broker reports.
    fileprivate init?(_ settings: Settings, password: String, tls: TLSSettings) {
        if let address = settings.amqp {
            self.init(address.uri)
            if address.username == nil { username = settings.username }
            self.password = address.password ?? password
            virtualHost = address.vhost ?? settings.vhost ?? "/"
            self.tls = self.tls.map { tls.overridden(by: $0, as: address.uri.parameters) }
        } else if let port = settings.amqpPort {
            self.init(
                host: settings.host, port: port, tls: settings.usesTLS ? tls : nil, username: settings.username,
                password: password, virtualHost: settings.vhost ?? "/")
        } else {
            return nil
        }
    }
}

extension TLSSettings {
    /// Returns the program's own TLS options, overridden by a URI's query.
    fileprivate func overridden(by uri: TLSSettings, as parameters: AMQPURI.Parameters) -> TLSSettings {
        var result = uri
        result.certificateAuthorityFile = uri.certificateAuthorityFile ?? certificateAuthorityFile
        if uri.clientCertificateFile == nil {
            result.clientCertificateFile = clientCertificateFile
            result.clientKeyFile = clientKeyFile
        }
        result.verifiesPeer = parameters.verifiesPeer ?? verifiesPeer
        return result
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
        gate = CredentialsGate()
    }
}
