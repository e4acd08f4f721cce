import Foundation
import Glibc

/// Remembers the folder of the node that this user last started from the command line, as the default of the next
/// command.
public enum LastBroker {
    /// The remembered folder, if there is one.
    public static var directory: URL? {
        guard let folder = try? ownFolder(),
            let data = FileManager.default.contents(atPath: folder + "/last-broker")
        else { return nil }
        let path = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
        return path.isEmpty ? nil : URL(fileURLWithPath: path, isDirectory: true)
    }

    /// Remembers a folder.
    ///
    /// - Throws: `folder` if there is no folder that only this user can access.
    public static func remember(_ directory: URL) throws(BrokerNodeError) {
        let file = try ownFolder() + "/last-broker"
        let made = FileManager.default.createFile(
            atPath: file, contents: Data((directory.path + "\n").utf8), attributes: [.posixPermissions: 0o600])
        guard made else {
            throw BrokerNodeError(.folder, "\(file) cannot be written.", advice: "Check whether the disk is full.")
        }
    }

    /// Forgets a folder, if it is the remembered one.
    public static func forget(_ directory: URL) {
        guard let remembered = self.directory, remembered.standardizedFileURL == directory.standardizedFileURL,
            let folder = try? ownFolder()
        else { return }
        unlink(folder + "/last-broker")
    }

    /// Returns `$XDG_RUNTIME_DIR/rabbittop`, or else `/tmp/rabbittop-UID`. In a folder that others can write to, the
    /// name might belong to another user, so only a folder that is owned by this user and closed to others is used.
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
