import Foundation
import TOMLKit

/// Reads rabbittop's own TOML file, and a section of rabbitmqadmin's.
enum ConfigurationFile {
    /// `$XDG_CONFIG_HOME/rabbittop/config.toml`, else `~/.config/rabbittop/config.toml`.
    static func defaultPath(environment: [String: String]) -> String? {
        if let base = environment["XDG_CONFIG_HOME"], base.hasPrefix("/") { return base + "/rabbittop/config.toml" }
        return environment["HOME"].map { $0 + "/.config/rabbittop/config.toml" }
    }

    /// rabbittop's own file: the keys of `Setting.all` at its top level.
    static func own(_ text: String, origin: String) throws(SettingsError) -> SettingsLayer {
        let table = try parse(text, origin: origin)
        var values: [String: String] = [:]
        for key in table.keys.sorted() {
            guard let setting = Setting.all.first(where: { $0.fileKey == key }) else {
                throw SettingsError(
                    "\(origin): there is no setting '\(key)'\(suggestion(for: key, in: Setting.all.map(\.fileKey))).")
            }
            guard let value = table[key].flatMap(scalar) else {
                throw SettingsError("\(origin): \(key) is to be a single value, not a list or a table.")
            }
            values[setting.name] = value
        }
        return SettingsLayer(origin: origin, values: values, file: origin)
    }

    /// The section `node` of rabbitmqadmin's file, in TOML as version 2 writes it or in INI as version 1 did.
    ///
    /// Keys are those of https://www.rabbitmq.com/docs/management-cli; what concerns rabbitmqadmin's own output is
    /// passed over. Without a `node` the section `default` counts, where there is one.
    static func rabbitmqadmin(_ text: String, node: String?, origin: String) throws(SettingsError) -> SettingsLayer? {
        let sections: [String: [String: String]]
        if let table = try? TOMLTable(string: text) {
            sections = table.keys.reduce(into: [:]) { sections, name in
                guard let section = table[name]?.table else { return }
                sections[name] = section.keys.reduce(into: [:]) { $0[$1] = section[$1].flatMap(scalar) }
            }
        } else {
            sections = try INIFile.sections(of: text, origin: origin)
        }
        guard let section = sections[node ?? "default"] else {
            guard let node else { return nil }
            let known = sections.keys.sorted().joined(separator: ", ")
            throw SettingsError(
                "\(origin) has no section [\(node)]; it has \(known.isEmpty ? "none at all" : known). Give one of them to --node."
            )
        }
        var values: [String: String] = [:]
        for (key, value) in section {
            guard let setting = rabbitmqadminKeys[key] else { continue }
            values[setting.name] = setting.kind == .flag ? value.lowercased() : value
        }
        return SettingsLayer(
            origin: "[\(node ?? "default")] of \(origin)", values: values, file: origin)
    }

    private static let rabbitmqadminKeys: [String: Setting] = [
        "hostname": .host, "host": .host, "port": .port, "username": .username, "password": .password,
        "vhost": .vhost, "base_uri": .baseURI, "path_prefix": .pathPrefix, "timeout": .timeout,
        // Version 2.
        "tls": .useTLS, "use_tls": .useTLS, "ca_certificate_bundle_path": .caFile,
        "client_certificate_file_path": .certificateFile, "client_private_key_file_path": .keyFile,
        "skip_tls_peer_verification": .insecure, "insecure": .insecure,
        // Version 1.
        "ssl": .useTLS, "ssl_ca_cert_file": .caFile, "ssl_cert_file": .certificateFile, "ssl_key_file": .keyFile,
        "ssl_insecure": .insecure,
    ]

    private static func parse(_ text: String, origin: String) throws(SettingsError) -> TOMLTable {
        do {
            return try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw SettingsError("\(origin), line \(error.source.begin.line): this is not TOML: \(error.description).")
        } catch {
            throw SettingsError("\(origin): this is not TOML: \(error).")
        }
    }

    private static func scalar(_ value: any TOMLValueConvertible) -> String? {
        if let text = value.string { return text }
        if let flag = value.bool { return String(flag) }
        if let integer = value.int { return String(integer) }
        if let number = value.double { return String(number) }
        return nil
    }

    private static func suggestion(for word: String, in known: [String]) -> String {
        let near = known.min { distance($0, word) < distance($1, word) }
        guard let near, distance(near, word) <= 3 else { return "" }
        return "; perhaps \(near) is meant"
    }

    /// How many letters must be put in, taken out or changed to make one word of the other.
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (i, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in right.indices {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (right[j] == letter ? 0 : 1))
                diagonal = above
            }
        }
        return row[right.count]
    }
}

/// The INI dialect of Python's ConfigParser, as far as rabbitmqadmin 1 uses it.
enum INIFile {
    static func sections(of text: String, origin: String) throws(SettingsError) -> [String: [String: String]] {
        var sections: [String: [String: String]] = [:]
        var current: String?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                let name = String(line.dropFirst().dropLast())
                sections[name, default: [:]] = sections[name] ?? [:]
                current = name
                continue
            }
            guard let separator = line.firstIndex(where: { $0 == "=" || $0 == ":" }), let section = current else {
                throw SettingsError(
                    "\(origin), line \(index + 1): neither a [section] nor 'key = value'. Mend the line, or give another file."
                )
            }
            let key = line[..<separator].trimmingCharacters(in: .whitespaces)
            var value = line[line.index(after: separator)...].trimmingCharacters(in: .whitespaces)
            if let comment = value.range(of: " #") {
                value = value[..<comment.lowerBound].trimmingCharacters(in: .whitespaces)
            }
            sections[section]?[key] = value
        }
        return sections
    }
}
