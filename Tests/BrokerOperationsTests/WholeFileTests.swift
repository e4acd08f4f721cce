import Foundation
import Glibc
import LocalBroker
import Testing

@testable import BrokerOperations

@Suite("Files that are written whole or not at all")
struct WholeFileTests {
    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rabbittop-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    private func names(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test("A new file takes no other's place, nor a link's, and leaves nothing beside it")
    func new() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "queues.csv").path
            try WholeFile.write("one".utf8, to: file, isReplacing: false)
            #expect(throws: WholeFile.Failure(code: EEXIST)) {
                try WholeFile.write("two".utf8, to: file, isReplacing: false)
            }
            let link = folder.appending(path: "link").path
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "nowhere")
            #expect(throws: WholeFile.Failure(code: EEXIST)) {
                try WholeFile.write("two".utf8, to: link, isReplacing: false)
            }
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "one")
            #expect(try names(folder) == ["link", "queues.csv"])
        }
    }

    @Test("A name as long as names can be is no longer for the file beside it")
    func longName() async throws {
        try await withFolder { folder in
            let name = String(repeating: "n", count: 255)
            try WholeFile.write("one".utf8, to: folder.appending(path: name).path, isReplacing: false)
            #expect(try names(folder) == [name])
        }
    }

    @Test("Replacing keeps the permissions and follows a link; a device is written to, and stays one")
    func replacing() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "page.html").path
            try WholeFile.write("one".utf8, to: file, isReplacing: true)
            chmod(file, 0o640)
            let link = folder.appending(path: "link").path
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "page.html")
            try WholeFile.write("two".utf8, to: link, isReplacing: true)
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "two")
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "page.html")
            #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o640)
            #expect(throws: WholeFile.Failure(code: ENOSPC)) {
                try WholeFile.write("three".utf8, to: "/dev/full", isReplacing: true)
            }
            var found = stat()
            #expect(stat("/dev/full", &found) == 0 && found.st_mode & S_IFMT == S_IFCHR)
        }
    }

    @Test("On a full disk nothing is left, and what was there stays", .enabled(if: geteuid() == 0))
    func fullDisk() async throws {
        try await withFolder { folder in
            let mount = ["-t", "tmpfs", "-o", "size=32k", "tmpfs", folder.path]
            let mounted = try await ChildCommand(executable: "/bin/mount", arguments: mount, environment: [:])
                .run(deadline: .seconds(20))
            // Root of a container may not mount.
            guard mounted.succeeded else { return }
            let old = folder.appending(path: "old").path
            let large = [UInt8](repeating: 1, count: 200_000)
            let failures = [false, true].map { isReplacing in
                do throws(WholeFile.Failure) {
                    try WholeFile.write("old".utf8, to: old, isReplacing: true)
                    try WholeFile.write(large, to: isReplacing ? old : old + ".new", isReplacing: isReplacing)
                    return Int32(0)
                } catch {
                    return error.code
                }
            }
            let left = try? names(folder)
            let kept = try? String(contentsOfFile: old, encoding: .utf8)
            _ = try await ChildCommand(executable: "/bin/umount", arguments: [folder.path], environment: [:])
                .run(deadline: .seconds(20))
            #expect(failures == [ENOSPC, ENOSPC] && left == ["old"] && kept == "old")
        }
    }
}
