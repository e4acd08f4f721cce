import Foundation

/// The process that a `ClientReport` speaks of.
public struct ProcessReport: Sendable, Hashable, Codable {
    /// The program's name.
    public var name: String
    /// Its process id.
    public var id: Int32

    public init(name: String, id: Int32) {
        self.name = name
        self.id = id
    }

    /// This process.
    public static var current: ProcessReport {
        let process = ProcessInfo.processInfo
        return ProcessReport(name: process.processName, id: process.processIdentifier)
    }
}
