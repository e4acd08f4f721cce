import BrokerMonitor
import BrokerOperations
import Faults
import Foundation
import Names
import RabbitMQManagement
import TopCore

/// The clusters that the configuration names, and the broker that the program was started with.
struct ClusterDirectory: Sendable {
    /// The names, in the order shown: the broker of the start first if it is no cluster of the configuration.
    let names: [Name]
    /// The cluster of the start.
    let first: Name
    private let firstSettings: Settings
    private let firstPassword: String
    private let gathering: @Sendable (String) -> SettingsGathering

    /// How long a broker may take to say whether it accepts a user, in seconds.
    private static let patience = 3.0

    /// - Parameters:
    ///   - settings: The settings of the start.
    ///   - password: Its password, which may have been typed.
    ///   - gathering: How the program was started.
    init(settings: Settings, password: String, gathering: SettingsGathering) {
        let sections = ((try? gathering.clusters()) ?? []).map { Name($0) }
        let node = Name(gathering.broker.node ?? ProcessInfo.processInfo.environment["RABBITTOP_NODE"])
        let isElsewhere = gathering.broker.host != nil || gathering.broker.baseUri != nil
        let section = node ?? (sections.contains("default") ? "default" : nil)
        firstSettings = settings
        firstPassword = password
        if let section, !isElsewhere, sections.contains(section) {
            first = section
            names = sections
        } else {
            first = Name(settings.target)
            names = sections.isEmpty ? [] : [first] + sections.filter { $0 != Name(settings.target) }
        }
        let (broker, screen, history) = (gathering.broker, gathering.screen, gathering.history)
        let options = UncheckedOptions(broker: broker, screen: screen, history: history)
        self.gathering = { cluster in options.gathering(of: cluster) }
    }

    /// A cluster that can be shown.
    struct Target: Sendable {
        var name: Name
        var settings: Settings
        var password: String
        /// Where the broker is, which decides whether faults may be injected.
        var place: BrokerPlace
    }

    /// The settings of a cluster with its password.
    ///
    /// - Throws: `SettingsError` or `CommandError` if the configuration does not have them.
    func settings(of name: Name) throws -> (settings: Settings, password: String) {
        if name == first { return (firstSettings, firstPassword) }
        let settings = try gathering(name.text).settings()
        guard let password = settings.password ?? (settings.username == "guest" ? "guest" : nil) else {
            throw SettingsError(
                "the configuration has no password for \(settings.username): add password or password_file, or start with --node \(Quotable.path(name.text))"
            )
        }
        return (settings, password)
    }

    /// Finds out whether a cluster can be shown.
    func target(_ name: Name) async -> Result<Target, SettingsError> {
        let (settings, password): (Settings, String)
        do {
            (settings, password) = try self.settings(of: name)
        } catch {
            return .failure(error as? SettingsError ?? SettingsError("\(error)"))
        }
        var configuration = ManagementConfiguration(settings, password: password)
        configuration.timeout = min(.seconds(Self.patience), configuration.timeout)
        do throws(ManagementError) {
            let client = try ManagementClient(configuration: configuration)
            do throws(ManagementError) {
                _ = try await client.whoAmI()
                await client.shutdown()
            } catch {
                await client.shutdown()
                throw error
            }
        } catch {
            switch error.code {
            case .badCredentials, .noCredentials, .notPermitted:
                return .failure(SettingsError("\(error.whatHappened). \(error.whatToDo)"))
            // A broker that is away can be waited for.
            default: break
            }
        }
        let locator = BrokerLocator(BrokerConfiguration(settings, password: password))
        var place = await locator.placeByAddress()
        do throws(FaultError) { place = try await locator.place(for: .own) } catch {}
        return .success(Target(name: name, settings: settings, password: password, place: place))
    }
}

/// The options of the start. ArgumentParser's values are not Sendable; these are only read, and hold values alone.
private struct UncheckedOptions: @unchecked Sendable {
    let broker: BrokerOptions
    let screen: ScreenOptions?
    let history: HistoryOptions?

    func gathering(of cluster: String) -> SettingsGathering {
        var gathering = SettingsGathering(broker: broker, screen: screen, history: history)
        gathering.cluster = cluster
        // The terminal belongs to the dashboard.
        gathering.isQuiet = true
        return gathering
    }
}
