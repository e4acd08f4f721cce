import Foundation

/// The process that a `ClientReport` describes.
public struct ProcessReport: Sendable, Hashable, Codable {
    /// The program's name.
    public var name: String
    /// The process id.
    public var id: Int32

    /// Creates a description of a process.
    public init(name: String, id: Int32) {
        self.name = name
        self.id = id
    }

    /// The current process.
    public static var current: ProcessReport {
        let process = ProcessInfo.processInfo
        return ProcessReport(name: process.processName, id: process.processIdentifier)
    }
}
