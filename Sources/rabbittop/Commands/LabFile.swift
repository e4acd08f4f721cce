import Experiments
import Foundation
import Lab
import TOMLKit

/// A file with an experiment's settings, such as those in `config/lab`.
enum LabFile {
    /// Reads the settings.
    ///
    /// - Throws: `usage`, with the position of what is wrong.
    static func settings(_ file: String?) throws(LabError) -> [String: LabValue] {
        guard let file else { return [:] }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw LabError(.usage, "The settings \(file) cannot be read.", advice: "See the path and its permissions.")
        }
        let table: TOMLTable
        do throws(SettingsError) {
            table = try TOMLText.table(try TOMLText.text(Array(data), origin: file), origin: file)
        } catch {
            throw LabError(.usage, error.description)
        }
        var values: [String: LabValue] = [:]
        for key in table.keys {
            guard let value = table[key].flatMap(scalar) else {
                throw LabError(.usage, "\(file): '\(key)' is to be a single value, not a list or a table.")
            }
            values[key] = value
        }
        return values
    }

    private static func scalar(_ value: any TOMLValueConvertible) -> LabValue? {
        if let text = value.string { return .text(text) }
        if let flag = value.bool { return .flag(flag) }
        if let integer = value.int { return .integer(integer) }
        if let number = value.double { return .number(number) }
        return nil
    }
}
