import Foundation

/// The binary under test, which is built beside the tests.
enum RabbittopBinary {
    static var url: URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("rabbittop")
    }
}
