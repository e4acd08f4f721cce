import Foundation
import Names
import TOMLKit

/// Reads rabbittop's own TOML file, and a section of rabbitmqadmin's.
enum ConfigurationFile {
    /// Returns `$XDG_CONFIG_HOME/rabbittop/config.toml`, or else `~/.config/rabbittop/config.toml`.
    static func defaultPath(environment: [String: String]) -> String? {
        if let base = environment["XDG_CONFIG_HOME"], base.hasPrefix("/") { return base + "/rabbittop/config.toml" }
        return environment["HOME"].map { $0 + "/.config/rabbittop/config.toml" }
    }

    /// Reads rabbittop's own file, with the keys of `Setting.all` at its top level.
    ///
    /// - Parameters:
    ///   - settings: the settings whose values are read.
    ///   - hasRules: whether the rules and the keys are read, too.
    static func own(
        _ text: String, of settings: [Setting] = Setting.all, hasRules: Bool = true, origin: String
    ) throws(SettingsError) -> SettingsLayer {
        let table = try TOMLText.table(text, origin: origin)
        var values: [String: String] = [:]
        for key in table.keys.sorted() {
            if key.hasSameBytes(as: RuleTable.key) || key.hasSameBytes(as: KeyTable.key) { continue }
            guard let setting = Setting.all.first(where: { $0.fileKey.hasSameBytes(as: key) }) else {
                let name = Quotable.isName(key) ? "'\(key)'" : "of such a name"
                throw SettingsError(
                    "\(origin): there is no setting \(name)\(suggestion(for: key, in: Setting.all.map(\.fileKey))).")
            }
            guard settings.contains(setting) else { continue }
            values[setting.name] = try value(table[key], of: setting, as: key, origin: origin)
        }
        return SettingsLayer(
            origin: origin, values: values, file: origin,
            rules: try hasRules ? RuleTable.rules(in: table, origin: origin) : [],
            keys: try hasRules ? KeyTable.keys(in: table, text: text, origin: origin) : nil)
    }

    /// Reads the section `node` of rabbitmqadmin's file, in TOML as version 2 uses, or in INI as version 1 did.
    ///
    /// Keys are those of https://www.rabbitmq.com/docs/management-cli; those for rabbitmqadmin's own output are
    /// ignored. Without `node` the section `default` is read, if there is one.
    static func rabbitmqadmin(_ text: String, node: String?, origin: String) throws(SettingsError) -> SettingsLayer? {
        let wanted = Name(node ?? "default")
        var section: [(key: String, value: String)]?
        var known: [Name] = []
        do throws(SettingsError) {
            let table = try TOMLText.table(text, origin: origin)
            for name in table.keys {
                guard let found = table[name]?.table else { continue }
                known.append(Name(name))
                guard Name(name) == wanted else { continue }
                section = []
                for key in found.keys {
                    guard let setting = rabbitmqadminKeys[key] else { continue }
                    section?.append((key, try value(found[key], of: setting, as: key, origin: origin)))
                }
            }
        } catch {
            // Values in quotes are TOML, so the TOML error is more relevant.
            if looksLikeTOML(text) || section != nil { throw error }
            let file = try INIFile(text, origin: origin)
            known = file.names
            section = try file.section(wanted, origin: origin)?.map { ($0.key, $0.value) }
        }
        guard let section else {
            guard let node else { return nil }
            let names = known.map(\.text).filter(Quotable.isName).sorted().joined(separator: ", ")
            throw SettingsError(
                "\(origin) has no section [\(Quotable.path(node))]; it has \(names.isEmpty ? "none at all" : names). Give one of them to --node."
            )
        }
        var values: [String: String] = [:]
        for (key, value) in section {
            guard let setting = rabbitmqadminKeys[key] else { continue }
            values[setting.name] = setting.kind == .flag ? value.lowercased() : value
        }
        return SettingsLayer(
            origin: "[\(Quotable.path(wanted.text))] of \(origin)", values: values, file: origin, isSection: true)
    }

    /// Returns the names of the sections of rabbitmqadmin's file, in the order of the file where it is INI, else by
    /// name. A name that is not text is left out.
    static func sections(_ text: String, origin: String) throws(SettingsError) -> [String] {
        do throws(SettingsError) {
            let table = try TOMLText.table(text, origin: origin)
            return table.keys.filter { table[$0]?.table != nil }.sorted()
        } catch {
            if looksLikeTOML(text) { throw error }
            return try INIFile(text, origin: origin).names.filter(\.isText).map(\.text)
        }
    }

    private static func looksLikeTOML(_ text: String) -> Bool {
        text.lineList.contains { line in
            let parts = line.parts(separatedBy: "=", maxSplits: 1)
            guard parts.count == 2 else { return false }
            let value = parts[1].trimmingCharacters(in: .whitespaces)
            return value.hasPrefix("\"") && value.parts(separatedBy: "\"").count > 2
        }
    }

    /// Whether a section of rabbitmqadmin's file can contain a setting.
    static func isOfRabbitmqadmin(_ setting: Setting) -> Bool { rabbitmqadminKeys.values.contains(setting) }

    private static let rabbitmqadminKeys: [String: Setting] = [
        "hostname": .host, "host": .host, "port": .port, "username": .username, "password": .password,
        "vhost": .vhost, "base_uri": .baseURI, "path_prefix": .pathPrefix, "timeout": .timeout,
        // rabbitmqadmin version 2.
        "tls": .useTLS, "use_tls": .useTLS, "ca_certificate_bundle_path": .caFile,
        "client_certificate_file_path": .certificateFile, "client_private_key_file_path": .keyFile,
        "skip_tls_peer_verification": .insecure, "insecure": .insecure,
        // rabbitmqadmin version 1.
        "ssl": .useTLS, "ssl_ca_cert_file": .caFile, "ssl_cert_file": .certificateFile, "ssl_key_file": .keyFile,
        "ssl_insecure": .insecure,
    ]

    /// Returns a single value as text. A text has to be in quotes, because `password = 1_000` would become a different
    /// one.
    private static func value(
        _ value: (any TOMLValueConvertible)?, of setting: Setting, as key: String, origin: String
    ) throws(SettingsError) -> String {
        if let text = value?.string { return text }
        switch setting.kind {
        case .flag: if let flag = value?.bool { return String(flag) }
        case .port, .seconds:
            if let integer = value?.int { return String(integer) }
            if let number = value?.double { return String(number) }
        case .text, .secret, .path, .choice, .period, .size: break
        }
        let wanted =
            switch setting.kind {
            case .flag: "true or false"
            case .port, .seconds: "a number"
            case .text, .secret, .path, .choice, .period, .size: "text in quotes"
            }
        throw SettingsError("\(origin): \(key) is to be \(wanted).")
    }

    private static func suggestion(for word: String, in known: [String]) -> String {
        EditDistance.nearest(to: word, in: known).map { "; perhaps \($0) is meant" } ?? ""
    }
}
