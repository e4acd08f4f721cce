import Foundation
import SeededSupport
import Testing

/// A parser of bytes from outside, and what must hold of whatever it is given.
struct FuzzTarget: Sendable, CustomTestStringConvertible {
    var name: String
    /// Records an issue where something does not hold; a trap ends the process.
    var check: @Sendable (_ input: [UInt8], _ random: inout SeededRandom) throws -> Void

    init(_ name: String, _ check: @escaping @Sendable ([UInt8], inout SeededRandom) throws -> Void) {
        self.name = name
        self.check = check
    }

    var testDescription: String { name }

    static let all: [FuzzTarget] = wire + answers + texts + [faults]

    /// The files it begins with, `Corpora/<name>/`.
    func corpus() throws -> [[UInt8]] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Corpora/\(name)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.sorted { $0.lastPathComponent < $1.lastPathComponent }.map { Array(try Data(contentsOf: $0)) }
    }
}

extension Array where Element == UInt8 {
    /// Cut into pieces as chance has it, as a socket would.
    func pieces(_ random: inout SeededRandom) -> [ArraySlice<UInt8>] {
        var rest = self[...]
        var pieces: [ArraySlice<UInt8>] = []
        while !rest.isEmpty {
            let count = Int.random(
                in: 1...Swift.min(rest.count, 1 << Int.random(in: 0...10, using: &random)), using: &random)
            pieces.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return pieces
    }
}
