import Glibc

/// Which file it is that a path leads to.
enum FileIdentity {
    /// The file's number on its device; nil when there is none.
    static func inode(of path: String) -> UInt64? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }
}
