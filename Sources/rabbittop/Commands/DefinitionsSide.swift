import BrokerMonitor
import Foundation
import Names
import RabbitMQManagement
import TopCore

/// One side of a comparison of definitions, read: a cluster, a broker, a file or a recording.
struct DefinitionsSide {
    let part: ConfigurationPart
    let version: String?
    /// What it is called, without secrets.
    let name: String
    /// How many rows could not be read.
    var undecodable = 0

    /// The most bytes of a file that are read.
    private static let mostBytes = 256 << 20
    /// How every SQLite file begins.
    private static let recordingMark = Data("SQLite format 3\0".utf8)

    /// Reads a side.
    ///
    /// - Parameters:
    ///   - side: As the user named it; nil for the broker of the options.
    /// - Throws: `CommandError` if it cannot be read.
    init(_ side: String?, broker: BrokerOptions) async throws {
        guard let side else {
            self = try await Self(SettingsGathering(broker: broker), named: nil, vhost: broker.vhost)
            return
        }
        if side.hasPrefix("http://") || side.hasPrefix("https://") {
            var options = broker
            options.baseUri = side
            self = try await Self(SettingsGathering(broker: options), named: nil, vhost: broker.vhost)
            return
        }
        let (file, time) = DiffCommand.parts(side)
        let path = (file as NSString).expandingTildeInPath
        if FileManager.default.fileExists(atPath: path) {
            self = try Self(file: path, time: time, named: side, vhost: broker.vhost)
            return
        }
        let gathering = SettingsGathering(broker: broker, cluster: side)
        guard try gathering.clusters().contains(where: { $0.hasSameBytes(as: side) }) else {
            throw CommandError(
                """
                There is no file and no cluster \(Quotable.path(side)).
                Give a section of ~/.rabbitmqadmin.conf, a base URI with http, or a file.
                """, exitCode: ExitStatus.usage)
        }
        self = try await Self(gathering, named: side, vhost: broker.vhost)
    }

    private init(_ gathering: SettingsGathering, named name: String?, vhost: String?) async throws {
        let settings = try gathering.settings()
        let password = await SettingsGathering.password(for: settings)
        let document = try await Self.document(settings, password: password, vhost: Name(vhost ?? settings.vhost))
        try self.init(document, at: Date(), named: name ?? settings.target, vhost: Name(vhost ?? settings.vhost))
    }

    /// Asks a broker for its definitions, without secrets.
    ///
    /// - Throws: `CommandError` if it does not answer, or refuses.
    static func document(_ settings: Settings, password: String, vhost: Name? = nil) async throws -> JSONValue {
        do throws(ManagementError) {
            let poll = try OneShotPoll(ManagementConfiguration(settings, password: password))
            do throws(ManagementError) {
                let document = try await poll.definitionsWithoutSecrets(vhost: vhost ?? Name(settings.vhost))
                await poll.shutdown()
                return document
            } catch {
                await poll.shutdown()
                throw error
            }
        } catch {
            throw CommandError(error)
        }
    }

    private init(_ document: JSONValue, at time: Date, named name: String, vhost: Name?) throws {
        guard let definitions = Definitions(json: document, vhost: vhost) else {
            throw CommandError(
                "\(name) holds no definitions.\nGive a file that RabbitMQ or 'rabbittop definitions export' wrote.",
                exitCode: ExitStatus.usage)
        }
        part = definitions.part(at: time).ofVhost(vhost)
        version = definitions.version
        undecodable = definitions.undecodable
        let redacted = Redaction.withoutSecrets(name)
        self.name = definitions.version.map { "\(redacted) (RabbitMQ \($0))" } ?? redacted
    }

    private init(file path: String, time: String?, named name: String, vhost: String?) throws {
        guard let handle = FileHandle(forReadingAtPath: path),
            let start = try? handle.read(upToCount: Self.recordingMark.count)
        else {
            throw CommandError(
                "\(name) cannot be read.\nCheck the path and its permissions.", exitCode: ExitStatus.usage)
        }
        if start == Self.recordingMark {
            try? handle.close()
            self = try Self(recording: OpenRecording(path), at: time, named: name, vhost: Name(vhost))
            return
        }
        let rest = try? handle.read(upToCount: Self.mostBytes)
        try? handle.close()
        let data = start + (rest ?? Data())
        guard time == nil, data.count < Self.mostBytes, let text = String(validating: data, as: UTF8.self),
            let document = JSONValue(parsing: text)
        else {
            throw CommandError(
                "\(name) is neither a recording nor a file of definitions in JSON.", exitCode: ExitStatus.usage)
        }
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        try self.init(
            document, at: attributes?[.modificationDate] as? Date ?? Date(), named: name, vhost: Name(vhost))
    }

    private init(recording: OpenRecording, at time: String?, named name: String, vhost: Name?) throws {
        let moment = try recording.moment(at: time)
        guard let known = moment.configuration else {
            throw CommandError(
                "\(name) does not hold what was configured at \(LedgerTime.text(moment.at)).\nGive a later time.")
        }
        part = Definitions.part(of: known).ofVhost(vhost)
        version = moment.cluster?.version
        self.name = version.map { "\(name) (RabbitMQ \($0))" } ?? name
    }
}

extension ConfigurationPart {
    /// Returns what belongs to one vhost; everything for nil.
    fileprivate func ofVhost(_ vhost: Name?) -> Self {
        guard let vhost else { return self }
        var part = self
        part.items.removeAll { $0.vhost != vhost }
        // Not everything that belongs to no vhost is among the definitions of one.
        part.unknown.formUnion(ConfigurationItem.Kind.allCases.filter { !$0.isOfVhost })
        return part
    }
}

extension ConfigurationItem.Kind {
    /// Whether things of this kind belong to a vhost and are among its definitions.
    fileprivate var isOfVhost: Bool {
        switch self {
        case .policy, .operatorPolicy, .binding, .queueArguments, .exchange, .vhostLimit, .parameter: true
        case .featureFlag, .globalParameter, .virtualHost, .user, .permission, .topicPermission, .version: false
        }
    }
}
