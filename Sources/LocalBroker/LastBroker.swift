import Foundation
import Glibc

/// Remembers the folder of the node that this user started last with the command line, so that the next command
/// finds it unasked.
public enum LastBroker {
    /// The folder that was remembered, when there is one.
    public static var directory: URL? {
        guard let folder = try? ownFolder(),
            let data = FileManager.default.contents(atPath: folder + "/last-broker")
        else { return nil }
        let path = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
        return path.isEmpty ? nil : URL(fileURLWithPath: path, isDirectory: true)
    }

    /// - Throws: `folder` when there is no folder that belongs to this user alone.
    public static func remember(_ directory: URL) throws(BrokerNodeError) {
        let file = try ownFolder() + "/last-broker"
        let made = FileManager.default.createFile(
            atPath: file, contents: Data((directory.path + "\n").utf8), attributes: [.posixPermissions: 0o600])
        guard made else {
            throw BrokerNodeError(.folder, "\(file) cannot be written.", advice: "See whether the disk is full.")
        }
    }

    /// Forgets the folder, where it is the one that was remembered.
    public static func forget(_ directory: URL) {
        guard let remembered = self.directory, remembered.standardizedFileURL == directory.standardizedFileURL,
            let folder = try? ownFolder()
        else { return }
        unlink(folder + "/last-broker")
    }

    /// `$XDG_RUNTIME_DIR/rabbittop`, else `/tmp/rabbittop-UID`. In a folder that others can write to, the name might
    /// be somebody else's: only a folder of this user's, closed to others, is used.
    private static func ownFolder() throws(BrokerNodeError) -> String {
        let runtime = ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let usable = runtime.flatMap { access($0, W_OK) == 0 ? $0 : nil }
        let path = usable.map { $0 + "/rabbittop" } ?? "/tmp/rabbittop-\(getuid())"
        mkdir(path, 0o700)
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid(),
            status.st_mode & 0o077 == 0
        else {
            throw BrokerNodeError(
                .folder, "\(path) is not a folder of yours alone.",
                advice: "Remove it, or name the broker's folder with --directory.")
        }
        return path
    }
}
