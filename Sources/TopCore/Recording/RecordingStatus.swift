public import Foundation

/// Where a time to go to is looked for.
public enum SeekTarget: Sendable, Equatable {
    /// The state at this time.
    case time(Date)
    /// The time of the last event or finding before this time.
    case eventBefore(Date)
    /// The time of the first event or finding after this time.
    case eventAfter(Date)
}

/// What the history holds, and the recording that is being written.
public struct RecordingStatus: Sendable, Equatable {
    /// The first and the last time that can be shown; `nil` when there is none.
    public var span: ClosedRange<Date>?
    /// The size of the history on disk, in bytes.
    public var bytes: Int
    /// The file that is being written to; `nil` while only the private history is kept.
    public var file: String?
    /// When the recording was started.
    public var startedAt: Date?
    /// Why nothing is recorded at present, in one line, such as a full disk.
    public var problem: String?
    /// What to do about it, in one line.
    public var advice: String?

    /// Creates a status.
    public init(span: ClosedRange<Date>? = nil, bytes: Int = 0, file: String? = nil, startedAt: Date? = nil) {
        self.span = span
        self.bytes = bytes
        self.file = file
        self.startedAt = startedAt
    }
}
