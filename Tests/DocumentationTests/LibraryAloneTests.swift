import Foundation
import Testing

/// Somebody who wants the client library, and nothing of the program.
@Suite("The client library alone", .timeLimit(.minutes(10)))
struct LibraryAloneTests {
    @Test("With no traits it brings no package that only the program or the inspector needs")
    func bringsNothingElse() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "library-alone-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "Sources/App"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let root = DocumentationTests.package.path(percentEncoded: false)
        let name = DocumentationTests.package.lastPathComponent
        try """
        // swift-tools-version: 6.2
        import PackageDescription
        let package = Package(
            name: "alone",
            dependencies: [.package(path: "\(root)", traits: [])],
            targets: [
                .executableTarget(
                    name: "App", dependencies: [.product(name: "RabbitMQClient", package: "\(name)")])
            ])
        """.write(to: folder.appending(path: "Package.swift"), atomically: true, encoding: .utf8)
        try "import RabbitMQClient\n".write(
            to: folder.appending(path: "Sources/App/main.swift"), atomically: true, encoding: .utf8)

        let output = try await Self.packages(of: folder)
        let packages = Set(output.split(separator: "\n").map { $0.lowercased() })
        #expect(packages.isSuperset(of: ["swift-nio", "swift-nio-ssl", "swift-log"]), "\(output)")
        for unwanted in ["hummingbird", "async-http-client", "swift-argument-parser", "tomlkit", "swift-nio-http2"] {
            #expect(!packages.contains(unwanted), "\(output)")
        }
    }

    private static func packages(of folder: URL) async throws -> String {
        let file = folder.appending(path: "dependencies")
        try Data().write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "swift", "package", "--package-path", folder.path(percentEncoded: false), "show-dependencies", "--format",
            "flatlist",
        ]
        process.standardOutput = handle
        process.standardInput = FileHandle.nullDevice
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        try #require(process.terminationStatus == 0)
        return try String(contentsOf: file, encoding: .utf8)
    }
}
