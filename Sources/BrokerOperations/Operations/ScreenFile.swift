import Foundation
import Names
public import TopCore

/// The file in which rabbittop keeps what users arrange on the screen, for each cluster.
public struct ScreenFile: Sendable {
    /// Why the file cannot be read.
    public struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        /// What happened, and what to do.
        public var description: String
    }

    /// The largest file that is read, in bytes.
    static let largest = 1 << 20

    /// The path of the file.
    public let path: String

    /// Creates the file of a path; nothing is read or written.
    public init(path: String) {
        self.path = path
    }

    /// Returns the file at `$XDG_STATE_HOME/rabbittop/screens.json`, or below `~/.local/state` if the variable is not
    /// set; `nil` without a home.
    public static func standard(environment: [String: String]) -> ScreenFile? {
        let state =
            environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? environment["HOME"].map { $0 + "/.local/state" }
        return state.map { ScreenFile(path: $0 + "/rabbittop/screens.json") }
    }

    /// Returns what was saved; nothing if there is no file.
    ///
    /// - Throws: When there is a file that cannot be read or is not one of these.
    public func read() throws(Problem) -> SavedScreens {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            guard !FileManager.default.fileExists(atPath: path) else {
                throw Problem(description: "\(path) cannot be read. Check its permissions.")
            }
            return SavedScreens()
        }
        defer { try? handle.close() }
        let data = (try? handle.read(upToCount: Self.largest + 1)) ?? Data()
        guard data.count <= Self.largest, let saved = try? JSONDecoder().decode(SavedScreens.self, from: data) else {
            throw Problem(
                description: "\(path) does not hold what S saves, and is passed over. Remove it, or save again with S.")
        }
        return saved
    }

    /// Saves a cluster's set-up beside those of the others. A broken file is replaced and kept as `screens.json.broken`.
    func save(_ screen: ScreenSetup, of cluster: Name) throws(WholeFile.Failure) {
        var saved: SavedScreens
        do throws(Problem) {
            saved = try read()
        } catch {
            saved = SavedScreens()
            _ = try? FileManager.default.removeItem(atPath: path + ".broken")
            _ = try? FileManager.default.moveItem(atPath: path, toPath: path + ".broken")
        }
        saved.save(screen, of: cluster)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(saved) else { return }
        let folder = (path as NSString).deletingLastPathComponent
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try WholeFile.write(data, to: path, isReplacing: true, mode: 0o600)
    }
}

extension ScreenFile {
    /// Saves a set-up when the program ends. Unlike the key, which the user pressed, it leaves a broken file as it is.
    ///
    /// The file is read again before, so that what others saved meanwhile stays.
    ///
    /// - Throws: Why it could not be saved, and what to do.
    public static func saveAtEnd(_ request: SaveRequest) throws(Problem) {
        let file = ScreenFile(path: request.path)
        _ = try file.read()
        do throws(WholeFile.Failure) {
            try file.save(request.screen, of: request.cluster)
        } catch {
            throw Problem(
                description: "The screen was not saved: \(request.path) cannot be written: \(error). "
                    + "Check its permissions and the free space on its disk, or start with --no-save.")
        }
    }
}

extension OperationRun {
    /// Saves what is arranged on the screen.
    func save(_ request: SaveRequest) async -> OperationReport {
        // On a thread that may block on a disk.
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                do throws(WholeFile.Failure) {
                    try ScreenFile(path: request.path).save(request.screen, of: request.cluster)
                    continuation.resume(returning: .finished("of \(request.cluster) in \(request.path)"))
                } catch {
                    continuation.resume(
                        returning: .failed(
                            "\(request.path) cannot be written: \(error)",
                            advice: "Check the path, its permissions and the free space on its disk."))
                }
            }
        }
    }
}
