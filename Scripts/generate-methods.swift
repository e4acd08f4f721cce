// Writes Sources/AMQPWire/Method.swift and Sources/AMQPWire/Methods/Method+<Class>.swift from methods.txt: `make methods`.
import Foundation

struct Field {
    var name: String
    var type: String
    var initial: String
    var meaning: String

    init(_ line: String) {
        let parts = line.components(separatedBy: " | ").map { $0.trimmingCharacters(in: .whitespaces) }
        precondition(parts.count == 4 || parts.count == 2 && parts[0].hasPrefix("reserved"), "not a field: \(line)")
        name = camel(parts[0])
        type = parts[1]
        initial = parts.count == 4 ? parts[2] : ""
        meaning = parts.count == 4 ? parts[3] : ""
        precondition(Field.types[type] != nil, "not a type: \(line)")
    }

    var isReserved: Bool { initial.isEmpty }
    var isBit: Bool { type == "bit" }

    /// For each type: the Swift type, and how it is read and written, with `$` for the value.
    static let types: [String: (swift: String, read: String, write: String, empty: String)] = [
        "octet": ("UInt8", "try reader.octet()", "buffer.writeInteger($)", "buffer.writeInteger(0, as: UInt8.self)"),
        "short": ("UInt16", "try reader.short()", "buffer.writeInteger($)", "buffer.writeInteger(0, as: UInt16.self)"),
        "long": ("UInt32", "try reader.long()", "buffer.writeInteger($)", "buffer.writeInteger(0, as: UInt32.self)"),
        "long-long": (
            "UInt64", "try reader.longLong()", "buffer.writeInteger($)", "buffer.writeInteger(0, as: UInt64.self)"
        ),
        "name": ("Name", "try reader.name()", "try buffer.writeName($)", ""),
        "short-string": (
            "String", "try reader.shortString()", "try buffer.writeShortString($)",
            "buffer.writeInteger(0, as: UInt8.self)"
        ),
        "long-string": (
            "String", "try reader.longString()", "try buffer.writeLongString($)",
            "buffer.writeInteger(0, as: UInt32.self)"
        ),
        "bytes": ("[UInt8]", "try reader.longBytes()", "try buffer.writeLongBytes($)", ""),
        "table": ("FieldTable", "try reader.table()", "try buffer.writeTable($)", ""),
        "bit": ("Bool", "", "", ""),
        "reply-code": (
            "ReplyCode", "ReplyCode(rawValue: try reader.short())", "buffer.writeInteger($.rawValue)", ""
        ),
    ]

    var swiftType: String { Field.types[type]!.swift }
    var reading: String { (isReserved ? "_ = " : "\(name) = ") + Field.types[type]!.read }
    var writing: String {
        isReserved ? Field.types[type]!.empty : Field.types[type]!.write.replacingOccurrences(of: "$", with: name)
    }
}

struct Method {
    var classID: String
    var methodID: String
    var name: String
    var meaning: String
    var fields: [Field] = []

    init(_ line: String) {
        let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
        (classID, methodID) = (parts[0], parts[1])
        let colon = parts[2].range(of: ": ")
        name = colon.map { String(parts[2][..<$0.lowerBound]) } ?? parts[2]
        meaning = colon.map { String(parts[2][$0.upperBound...]) } ?? ""
    }

    var className: String { name.split(separator: ".")[0].capitalized }
    var typeName: String { name.split { ".-".contains($0) }.map(\.capitalized).joined() }
    var caseName: String { typeName.prefix(1).lowercased() + typeName.dropFirst() }
    var pattern: String { "(\(classID), \(methodID))" }
    var hasArguments: Bool { fields.contains { !$0.isReserved } }

    /// The fields, with adjacent bits together.
    var groups: [[Field]] {
        fields.reduce(into: []) { groups, field in
            if field.isBit, groups.last?.last?.isBit == true {
                groups[groups.count - 1].append(field)
            } else {
                groups.append([field])
            }
        }
    }

    var structure: String {
        let own = fields.filter { !$0.isReserved }
        var lines = comment("`\(name)`. \(meaning)", indent: 0) + ["public struct \(typeName): Hashable, Sendable {"]
        for field in own {
            lines += comment(field.meaning, indent: 4) + ["    public var \(field.name): \(field.swiftType)"]
        }
        let parameters = own.map { "\($0.name): \($0.swiftType) = \($0.initial)" }
        lines += ["", "    /// Creates the method.", "    public init(\(parameters.joined(separator: ", "))) {"]
        lines += own.map { "        self.\($0.name) = \($0.name)" }
        lines += ["    }", "", "    init(from reader: inout PayloadReader) throws(WireError) {"]
        for group in groups {
            guard group[0].isBit else {
                lines.append("        \(group[0].reading)")
                continue
            }
            lines.append("        let bits = try reader.octet()")
            for (bit, field) in group.enumerated() { lines.append("        \(field.name) = bits & \(1 << bit) != 0") }
        }
        lines += ["    }", "", "    func write(to buffer: inout ByteBuffer) throws(WireError) {"]
        for group in groups {
            if !group[0].isBit {
                lines.append("        \(group[0].writing)")
            } else if group.count == 1 {
                lines.append("        buffer.writeInteger(\(group[0].name) ? 1 : 0, as: UInt8.self)")
            } else {
                let bits = group.enumerated().map { "(\($1.name) ? \(1 << $0) : 0)" }.joined(separator: " | ")
                lines += ["        let bits: UInt8 = \(bits)", "        buffer.writeInteger(bits)"]
            }
        }
        return (lines + ["    }", "}"]).joined(separator: "\n")
    }
}

/// `class-id` as `classID`.
func camel(_ name: String) -> String {
    let words = name.split(separator: "-")
    return words[0] + words.dropFirst().map { $0 == "id" ? "ID" : $0.capitalized }.joined()
}

/// A doc comment of at most 120 columns.
func comment(_ text: String, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent) + "///"
    var lines = [margin]
    for word in text.split(separator: " ") {
        if lines[lines.count - 1].count + 1 + word.count > 120 { lines.append(margin) }
        lines[lines.count - 1] += " " + word
    }
    return lines
}

let folder = "Sources/AMQPWire"
let head = "// Generated by `make methods` from methods.txt. Do not edit."
var methods: [Method] = []
for line in try String(contentsOfFile: "\(folder)/Methods/methods.txt", encoding: .utf8).components(separatedBy: "\n") {
    if line.isEmpty || line.hasPrefix("#") { continue }
    if line.hasPrefix(" ") {
        methods[methods.count - 1].fields.append(Field(line))
    } else {
        methods.append(Method(line))
    }
}

func lines(_ make: (Method) -> [String]) -> String { methods.flatMap(make).joined(separator: "\n") }

func write(_ text: String, to path: String) throws {
    try text.write(toFile: "\(folder)/\(path)", atomically: true, encoding: .utf8)
}

for className in Set(methods.map(\.className)) {
    let structures = methods.filter { $0.className == className && $0.hasArguments }.map(\.structure)
    if structures.isEmpty { continue }
    try write(
        ([head + "\nimport NIOCore\nimport Names"] + structures).joined(separator: "\n\n") + "\n",
        to: "Methods/Method+\(className).swift")
}

let text = """
    \(head)
    import NIOCore

    /// Every method of AMQP 0-9-1 with RabbitMQ's extensions, with its arguments. A case without arguments has none, or
    /// reserved ones only.
    public enum Method: Hashable, Sendable {
    \(lines { ["    case \($0.caseName)" + ($0.hasArguments ? "(\($0.typeName))" : "")] })

        /// The method's class and number.
        public var id: MethodID {
            switch self {
    \(lines { ["        case .\($0.caseName): .\($0.caseName)"] })
            }
        }
    }

    extension MethodID {
    \(lines { ["    /// `\($0.name)`.", "    public static var \($0.caseName): MethodID { MethodID(classID: \($0.classID), methodID: \($0.methodID)) }"] })

        /// The AMQP name such as `exchange.unbind-ok`; nil for a method that does not exist.
        public var name: String? {
            switch (classID, methodID) {
    \(lines { ["        case \($0.pattern): \"\($0.name)\""] })
            default: nil
            }
        }

        /// All \(methods.count) methods, in the order of the specification.
        public static let all: [MethodID] = [
    \(lines { ["        .\($0.caseName),"] })
        ]
    }

    extension Method {
        init(_ id: MethodID, from reader: inout PayloadReader) throws(WireError) {
            switch (id.classID, id.methodID) {
    \(lines { method in
        let read = method.hasArguments
            ? ["self = .\(method.caseName)(try \(method.typeName)(from: &reader))"]
            : method.fields.map(\.reading) + ["self = .\(method.caseName)"]
        return ["        case \(method.pattern):"] + read.map { "            \($0)" }
    })
            default:
                throw .unknownMethod(id)
            }
        }

        func writeArguments(to buffer: inout ByteBuffer) throws(WireError) {
            switch self {
    \(lines { method in
        let write = method.hasArguments
            ? ["try arguments.write(to: &buffer)"] : method.fields.isEmpty ? ["break"] : method.fields.map(\.writing)
        return ["        case .\(method.caseName)\(method.hasArguments ? "(let arguments)" : ""):"] + write.map { "            \($0)" }
    })
            }
        }
    }

    """
try write(text, to: "Method.swift")
