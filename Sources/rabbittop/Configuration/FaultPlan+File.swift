import Faults
import Foundation
import TOMLKit

extension FaultPlan {
    /// Reads a plan in TOML, such as those in `config/faults`.
    ///
    /// - Throws: `CommandError`, with the position of what is wrong.
    init(file: String) throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw CommandError("The plan \(file) cannot be read. Check the path and its permissions.")
        }
        do {
            let table = try TOMLText.table(try TOMLText.text(Array(data), origin: file), origin: file)
            self = try TOMLDecoder().decode(FaultPlan.self, from: table)
        } catch let error as SettingsError {
            throw CommandError(error.description)
        } catch let error as DecodingError {
            throw CommandError("\(file): \(error.words)\nSee config/faults for plans that work.")
        } catch {
            throw CommandError("\(file): \(error)\nSee config/faults for plans that work.")
        }
    }
}

extension DecodingError {
    fileprivate var words: String {
        func place(_ context: Context) -> String {
            context.codingPath.isEmpty ? "" : " at \(context.codingPath.map(\.stringValue).joined(separator: "."))"
        }
        return switch self {
        case .keyNotFound(let key, let context):
            "'\(key.stringValue)' is missing, or of the wrong kind\(place(context))."
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "the wrong kind of value\(place(context))."
        case .dataCorrupted(let context): "\(context.debugDescription)\(place(context))."
        @unknown default: "it cannot be read."
        }
    }
}
