import Names

/// A key of a policy's definition that rabbittop knows. Plugins have others; the broker decides about those.
///
/// https://www.rabbitmq.com/docs/policies
enum PolicyKey: String, CaseIterable {
    case maxLength = "max-length"
    case maxBytes = "max-length-bytes"
    case overflow
    case messageTTL = "message-ttl"
    case expires
    case deadLetterExchange = "dead-letter-exchange"
    case deadLetterKey = "dead-letter-routing-key"
    case deadLetterStrategy = "dead-letter-strategy"
    case deliveryLimit = "delivery-limit"
    case consumerTimeout = "consumer-timeout"
    case maxAge = "max-age"
    case segmentSize = "stream-max-segment-size-bytes"
    case queueVersion = "queue-version"
    case queueMode = "queue-mode"
    case queueLeaderLocator = "queue-leader-locator"
    case alternateExchange = "alternate-exchange"
    case federationUpstream = "federation-upstream"
    case federationUpstreamSet = "federation-upstream-set"
    case haMode = "ha-mode"
    case haParameters = "ha-params"
    case haSyncMode = "ha-sync-mode"
    case haSyncBatchSize = "ha-sync-batch-size"
    case haPromoteOnShutdown = "ha-promote-on-shutdown"
    case haPromoteOnFailure = "ha-promote-on-failure"

    /// What its values are; nil where they are left to the broker.
    var values: QueueArgument.Values? {
        switch self {
        case .maxLength, .maxBytes, .messageTTL, .deliveryLimit: .whole(0...Int64.max)
        case .expires, .consumerTimeout, .segmentSize, .haSyncBatchSize: .whole(1...Int64.max)
        case .queueVersion: .whole(1...2)
        case .overflow: .choice(["drop-head", "reject-publish", "reject-publish-dlx"])
        case .deadLetterStrategy: .choice(["at-most-once", "at-least-once"])
        case .queueMode: .choice(["default", "lazy"])
        case .queueLeaderLocator: .choice(["client-local", "balanced"])
        case .haMode: .choice(["all", "exactly", "nodes"])
        case .haSyncMode: .choice(["manual", "automatic"])
        case .deadLetterExchange, .deadLetterKey, .maxAge, .alternateExchange, .federationUpstream,
            .federationUpstreamSet:
            .text
        case .haParameters, .haPromoteOnShutdown, .haPromoteOnFailure: nil
        }
    }

    /// Whether a version of the broker has it; true if the version is not known.
    func isOf(_ version: BrokerVersion?) -> Bool {
        guard let version else { return true }
        switch self {
        // Mirrored classic queues were removed in 4.0.
        case .haMode, .haParameters, .haSyncMode, .haSyncBatchSize, .haPromoteOnShutdown, .haPromoteOnFailure:
            return version < BrokerVersion(major: 4, minor: 0)
        case .consumerTimeout: return version >= BrokerVersion(major: 3, minor: 12)
        case .maxLength, .maxBytes, .overflow, .messageTTL, .expires, .deadLetterExchange, .deadLetterKey,
            .deadLetterStrategy, .deliveryLimit, .maxAge, .segmentSize, .queueVersion, .queueMode,
            .queueLeaderLocator, .alternateExchange, .federationUpstream, .federationUpstreamSet:
            return true
        }
    }

    /// Returns what is wrong with a setting; nil if nothing is, or the key is not known.
    static func problem(with setting: NamedSetting, _ version: BrokerVersion?) -> String? {
        guard let key = PolicyKey(rawValue: setting.name.text) else { return nil }
        guard key.isOf(version) else {
            return "\(setting.name) is not a key of RabbitMQ \(version.map { "\($0.major).\($0.minor)" } ?? "here")"
        }
        return key.values?.problem(with: setting)
    }
}

extension QueueArgument.Values {
    /// Returns what is wrong with a value; nil if nothing is.
    func problem(with setting: NamedSetting) -> String? {
        switch (self, setting.value) {
        case (.whole(let range), .integer(let number)) where range.contains(number): nil
        case (.whole(let range), _):
            range.upperBound == .max
                ? "\(setting.name) takes a whole number, \(range.lowerBound) or more"
                : "\(setting.name) takes a whole number from \(range.lowerBound) to \(range.upperBound)"
        case (.text, .text), (.flag, .flag): nil
        case (.text, _): "\(setting.name) takes a text: put it in quotes"
        case (.flag, _): "\(setting.name) takes true or false"
        case (.choice(let choices), .text(let name)) where choices.contains { name == $0 }: nil
        case (.choice(let choices), _): "\(setting.name) takes \(choices.joined(separator: ", "))"
        }
    }
}
