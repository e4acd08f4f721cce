#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The file of a Unix socket, from the check that its path is free to its removal.
///
/// The socket is bound in a directory that only its owner can enter, gets mode 0600 there, and is moved to its path in
/// one step: at no time can another user open it. Checking and taking a path happen under a lock on its directory, so
/// that of two inspectors that find the same leftover file one replaces it and the other finds a listening process.
struct SocketFile {
    /// The final path.
    let path: String
    /// The path on which it is bound first.
    let boundPath: String
    private let privateFolder: String

    /// The maximum length of a path in `sockaddr_un`, in bytes, without the terminating zero.
    static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// The identity of a file, independent of its name.
    private struct Identity: Equatable {
        var device: UInt64
        var node: UInt64
    }

    /// Checks that the path is free, and creates the directory to bind in.
    init(path: String) throws(InspectorError) {
        self.path = path
        let folder = Self.folder(of: path)
        let template = "\(folder)/.XXXXXX"
        guard max(path.utf8.count, template.utf8.count + 2) <= Self.longestPath else {
            throw InspectorError(
                .pathTooLong, "The socket path \(path) is too long: the system takes \(Self.longestPath) bytes.",
                advice: "Choose a path in a folder nearer to the root.")
        }
        try Self.checkFree(path)
        var bytes = template.utf8CString
        let made = bytes.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let made else { throw Self.failed("cannot make a socket in \(folder)") }
        privateFolder = made
        boundPath = "\(made)/s"
    }

    /// Moves the bound socket to its path, with access for its owner only.
    func publish() throws(InspectorError) -> PublishedSocket {
        guard chmod(boundPath, 0o600) == 0 else { throw Self.failed("cannot set the mode of \(path)") }
        let lock = FolderLock(Self.folder(of: path))
        defer { lock.release() }
        // Another process may have taken the path since the first check.
        try Self.checkFree(path)
        guard rename(boundPath, path) == 0, let identity = Self.identity(of: path) else {
            throw Self.failed("cannot make the socket \(path)")
        }
        return PublishedSocket(path: path, device: identity.device, node: identity.node)
    }

    /// Removes the directory in which the socket was bound.
    func removePrivateFolder() {
        unlink(boundPath)
        rmdir(privateFolder)
    }

    // MARK: The file system

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func checkFree(_ path: String) throws(InspectorError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw failed("cannot look at \(path)")
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw InspectorError(
                .notASocket, "\(path) is there already, and it is not a socket.", advice: "Choose another path.")
        }
        guard !isListenedOn(path) else {
            throw InspectorError(
                .addressInUse, "Somebody listens on \(path) already.",
                advice: "Choose another path for each process, or end the other one.")
        }
    }

    /// Returns whether a process accepts connections on the socket. A socket that cannot be opened counts as in use.
    private static func isListenedOn(_ path: String) -> Bool {
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return true }
        defer { close(socket) }
        // With a full connection queue the call returns at once, too.
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(longestPath)) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, size) }
        }
        return result == 0 || errno != ECONNREFUSED
    }

    fileprivate static func isSame(_ path: String, device: UInt64, node: UInt64) -> Bool {
        identity(of: path) == Identity(device: device, node: node)
    }

    private static func identity(of path: String) -> Identity? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return Identity(device: UInt64(truncatingIfNeeded: status.st_dev), node: UInt64(status.st_ino))
    }

    private static func failed(_ what: String) -> InspectorError {
        let words = String(cString: strerror(errno))
        return InspectorError(
            .cannotListen, "The inspector \(what): \(words).",
            advice: "Check that the folder is there and that this user may write to it.")
    }
}

/// A socket file at its path.
struct PublishedSocket: Sendable {
    let path: String
    fileprivate let device: UInt64
    fileprivate let node: UInt64

    /// Removes the file, unless it was replaced by another one.
    func remove() {
        let lock = FolderLock(SocketFile.folder(of: path))
        defer { lock.release() }
        if SocketFile.isSame(path, device: device, node: node) { unlink(path) }
    }
}

/// Keeps other inspectors from changing the sockets in a directory between check and change. If the directory cannot be
/// locked, or stays locked, the operation continues without the lock, because the interval is short.
private struct FolderLock {
    private let descriptor: Int32

    init(_ folder: String) {
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        for _ in 0..<50 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK { return }
            usleep(1000)
        }
    }

    func release() {
        if descriptor >= 0 { close(descriptor) }
    }
}
