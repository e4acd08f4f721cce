import Foundation
import NIOCore

/// One line of `Fixtures/pamqp.txt`.
struct Fixture: CustomStringConvertible {
    enum Kind: String {
        case method, header, table
    }

    var kind: Kind
    var name: String
    var variant: Int
    var channel: UInt16
    var bytes: ByteBuffer
    /// The arguments as pamqp names and shows them.
    var arguments: [String: String]

    var description: String { "\(kind) \(name) \(variant)" }

    static let all: [Fixture] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Fixtures/pamqp.txt")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ", maxSplits: 5).map(String.init)
            guard parts.count >= 5, let kind = Kind(rawValue: parts[0]), let variant = Int(parts[2]),
                let channel = UInt16(parts[3])
            else { return nil }
            var arguments: [String: String] = [:]
            for pair in (parts.count > 5 ? parts[5] : "").split(separator: ";") {
                let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                arguments[String(halves[0])] = String(halves[1])
            }
            return Fixture(
                kind: kind,
                name: parts[1],
                variant: variant,
                channel: channel,
                bytes: ByteBuffer(hex: parts[4]),
                arguments: arguments
            )
        }
    }()

    static func of(_ kind: Kind) -> [Fixture] { all.filter { $0.kind == kind } }
}

extension ByteBuffer {
    init(hex: String) {
        let digits = hex.compactMap(\.hexDigitValue)
        self.init(bytes: stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) })
    }
}
