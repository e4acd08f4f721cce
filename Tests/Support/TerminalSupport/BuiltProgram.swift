import Foundation

/// A program of this package, built beside the tests that are running.
public enum BuiltProgram {
    /// Its path. Throws when it is not there.
    public static func path(_ name: String) throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent(name).path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw TerminalFailure(
                "There is no program \(name) beside the tests: build it with swift build --build-tests.")
        }
        return path
    }
}
