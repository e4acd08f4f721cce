public import Foundation

/// What a recording says about itself. It has no addresses with passwords and no credentials.
public struct RecordingInfo: Sendable, Equatable {
    /// The version of the format that this program writes.
    public static let currentFormat = Migration.latest

    /// The version of the file's format.
    public var format: Int
    /// The version of the rabbittop that wrote it.
    public var program: String
    /// The name of the cluster, once it was known.
    public var cluster: String?
    /// The last version of RabbitMQ that was reported.
    public var brokerVersion: String?
    /// The host that was watched, without credentials.
    public var host: String?
    /// When the recording was started; `nil` until the writer has started it.
    public var started: Date?

    /// Creates the description of a new recording.
    ///
    /// - Parameters:
    ///   - program: The version of rabbittop.
    ///   - host: The host that is watched, without credentials.
    public init(program: String, cluster: String? = nil, brokerVersion: String? = nil, host: String? = nil) {
        format = Self.currentFormat
        self.program = program
        self.cluster = cluster
        self.brokerVersion = brokerVersion
        self.host = host
    }
}

/// The keys of the table `recording`.
enum RecordingKey: String, CaseIterable {
    case format, program, cluster, host, started
    case brokerVersion = "rabbitmq_version"
    /// The process that writes the recording at present.
    case writer = "writer_pid"
}
