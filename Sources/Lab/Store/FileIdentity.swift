import Glibc

/// Identifies the file at a path.
enum FileIdentity {
    /// Returns the file's inode number; nil if there is no file.
    static func inode(of path: String) -> UInt64? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }
}
