import BrokerOperations
import Foundation
import Glibc
import Names
import Synchronization

/// A file of saved messages that is written: in blocks, to its end.
final class SavedMessagesFile: Sendable {
    private struct State {
        var buffer: [UInt8] = []
        var written = 0
    }

    private let path: String
    private let handle: FileHandle
    private let state = Mutex(State())

    private static let block = 1 << 20

    /// Creates a file, which must not exist; `-` is standard output.
    init(creating path: String) throws {
        self.path = path
        if path.utf8.elementsEqual("-".utf8) {
            handle = .standardOutput
            return
        }
        // Messages may be secret: the file is the user's own.
        let descriptor = open((path as NSString).expandingTildeInPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandError(
                errno == EEXIST
                    ? "\(path) is there already.\nGive it another name."
                    : "\(path) cannot be written: \(String(cString: strerror(errno))).\nCheck the path.")
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func write(_ message: SavedMessage) throws {
        let line = try message.line()
        try state.withLock { state in
            state.buffer += line.utf8
            state.buffer.append(UInt8(ascii: "\n"))
            if state.buffer.count >= Self.block { try flush(&state) }
        }
    }

    func close() throws {
        try state.withLock { try flush(&$0) }
    }

    /// Removes a file into which nothing was written.
    func removeIfEmpty() {
        guard state.withLock({ $0.written == 0 }), !path.utf8.elementsEqual("-".utf8) else { return }
        unlink((path as NSString).expandingTildeInPath)
    }

    private func flush(_ state: inout State) throws {
        do {
            try handle.write(contentsOf: state.buffer)
        } catch {
            throw CommandError("\(path) cannot be written: check the free space on its disk.")
        }
        state.written += state.buffer.count
        state.buffer.removeAll(keepingCapacity: true)
    }
}

/// Reads a file of saved messages line by line.
final class SavedMessagesReader: Sendable {
    private struct State {
        var buffer: [UInt8] = []
        var position = 0
        var line = 0
        var isAtEnd = false
    }

    private let path: String
    private let handle: FileHandle
    private let state = Mutex(State())

    /// The longest line: a body of 512 MB, RabbitMQ's largest, in Base64.
    private static let longest = 800 << 20
    private static let block = 1 << 20

    /// Opens a file; `-` is standard input.
    init(_ path: String) throws {
        self.path = path
        if path.utf8.elementsEqual("-".utf8) {
            handle = .standardInput
            return
        }
        guard let handle = FileHandle(forReadingAtPath: (path as NSString).expandingTildeInPath) else {
            throw CommandError("The file \(path) cannot be read. Check the path and its permissions.")
        }
        self.handle = handle
    }

    /// Returns the next message; nil at the end.
    func next() throws -> SavedMessage? {
        try state.withLock { state in
            while let line = try line(&state) {
                state.line += 1
                if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
                do throws(SavedMessage.Malformed) {
                    return try SavedMessage(line: line)
                } catch {
                    throw CommandError("\(path), line \(state.line): \(error).")
                }
            }
            return nil
        }
    }

    private func line(_ state: inout State) throws -> ArraySlice<UInt8>? {
        var searched = state.position
        while true {
            if let end = state.buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { state.position = end + 1 }
                return state.buffer[state.position..<end]
            }
            if state.isAtEnd {
                defer { state.position = state.buffer.count }
                return state.position < state.buffer.count ? state.buffer[state.position...] : nil
            }
            state.buffer.removeFirst(state.position)
            state.position = 0
            searched = state.buffer.count
            guard state.buffer.count < Self.longest else {
                throw CommandError("\(path), line \(state.line + 1) is longer than any message.")
            }
            guard let more = try handle.read(upToCount: Self.block), !more.isEmpty else {
                state.isAtEnd = true
                continue
            }
            state.buffer += more
        }
    }
}
