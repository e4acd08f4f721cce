import Foundation
import Names
import Recorder
import TopCore

/// The files of a support bundle, in a private temporary folder until they are packed.
struct SupportBundle {
    private let folder: URL
    private var contents: [String] = []
    private var missing: [String] = []

    /// - Throws: `CommandError` if there is no place for temporary files.
    init() throws(CommandError) {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("rabbittop-bundle-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandError("There is no place for temporary files.\nCheck the free space and TMPDIR.")
        }
    }

    /// Removes the temporary folder.
    func remove() {
        try? FileManager.default.removeItem(at: folder)
    }

    /// Adds a file.
    mutating func add(_ text: String, named name: String) {
        add(Data(text.utf8), named: name)
    }

    private mutating func add(_ data: Data, named name: String) {
        let file = folder.appendingPathComponent(name)
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: file)
            contents.append(name)
        } catch {
            lacks(name, why: "it could not be written; check the free space")
        }
    }

    /// Notes what could not be collected.
    mutating func lacks(_ what: String, why: String) {
        missing.append("\(what): \(why)")
    }

    /// Adds the slice of a recording, its events and findings, and the report of that time.
    mutating func add(_ recording: OpenRecording, from: Date, to: Date) {
        do throws(RecordingError) {
            try recording.reader.slice(from: from, to: to, into: folder.appendingPathComponent("recording.sqlite").path)
            contents.append("recording.sqlite")
            let incident = try recording.reader.incident(from: from, to: to)
            add(incident.html(at: Date()), named: "report.html")
            add(incident.eventLines, named: "events.jsonl")
        } catch {
            lacks("the recording", why: error.what)
        }
    }

    /// Adds the end of a log file.
    mutating func add(log path: String, bytes: Int) {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            return lacks("the broker's log", why: "it cannot be read")
        }
        defer { try? handle.close() }
        do {
            let size = try handle.seekToEnd()
            try handle.seek(toOffset: size > UInt64(bytes) ? size - UInt64(bytes) : 0)
            let data = try handle.read(upToCount: bytes) ?? Data()
            add(Redaction.withoutSecrets(String(decoding: data, as: UTF8.self)), named: "broker.log")
        } catch {
            lacks("the broker's log", why: "it cannot be read")
        }
    }

    /// Packs everything into one file, which must not exist.
    ///
    /// - Throws: `CommandError` if it cannot be written.
    mutating func write(to path: String, begun: Date) throws(CommandError) {
        add(versions, named: "versions.txt")
        add(readMe(begun), named: "README.txt")
        let packed = path + ".part"
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = ["tar", "-czf", packed, "-C", folder.path, "."]
        tar.standardInput = FileHandle.nullDevice
        tar.standardError = FileHandle.nullDevice
        defer { try? FileManager.default.removeItem(atPath: packed) }
        do {
            try tar.run()
            tar.waitUntilExit()
        } catch {
            throw CommandError("tar cannot be started.\nInstall it: the bundle is packed with it.")
        }
        guard tar.terminationStatus == 0 else {
            throw CommandError("\(path) cannot be written.\nCheck the path, its permissions and the free space.")
        }
        do {
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: packed)
            try FileManager.default.moveItem(atPath: packed, toPath: path)
        } catch {
            throw CommandError("\(path) cannot be written.\nCheck the path, its permissions and the free space.")
        }
    }

    private var versions: String {
        let system = ProcessInfo.processInfo.operatingSystemVersionString
        return "rabbittop \(Version.current)\n\(system)\nRabbitMQ and Erlang: see now/nodes.json\n"
    }

    private func readMe(_ begun: Date) -> String {
        var lines = [
            "A support bundle of rabbittop \(Version.current), made \(begun.formatted(.iso8601)).",
            "It holds no passwords and no messages. Names of queues, users and hosts are in it.", "", "In it:",
        ]
        lines += contents.sorted().map { "  \($0)  \(Self.meaning[$0] ?? "a view, as JSON")" }
        if !missing.isEmpty { lines += ["", "Not in it:"] + missing.map { "  \($0)" } }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let meaning = [
        "recording.sqlite": "the slice of the recording: rabbittop replay shows it",
        "report.html": "one page about that time", "events.jsonl": "its events, one a line",
        "findings.json": "what is wrong now", "definitions.json": "the broker's definitions without secrets",
        "versions.txt": "versions", "broker.log": "the end of the broker's log, with URIs redacted",
    ]
}
