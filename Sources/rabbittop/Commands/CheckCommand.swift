import ArgumentParser
import BrokerMonitor
import Faults
import Foundation
import Names
import RabbitMQManagement
import Screen
import Synchronization
import TopCore

/// `rabbittop check`: polls a broker for a few seconds and reports what is wrong, for people and for monitoring.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check for problems: zombies, alarms, nodes down.",
        discussion: """
            Looks several times, by the rules of the dashboard: consumers that hold their prefetch or get nothing, \
            consumer timeouts ahead, redelivery loops, blocked publishers, publishes that reach no queue, churn, queues \
            that grow, are near a limit or do not run, members that are missing, alarms, nodes near a limit or down, \
            partitions and sources that do not answer; with --attach also channels that the broker does not know; and \
            rules of your own, by --rule and in the configuration file. With --from the findings of a recording. \
            Exit codes, as monitoring plugins have them: 0 ok, 1 warning, 2 critical, 3 unknown (the broker cannot be \
            asked, or the command line is wrong).
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @OptionGroup(title: "Recording") var recording: RecordingOptions
    @Option(help: "How to print it.") var format: Format = .table
    @Option(
        help: ArgumentHelp(
            "How long to look; the broker's own figures come every 5 s.", valueName: "seconds"))
    var seconds = 12.0
    @OptionGroup(title: "Rules") var rules: RuleOptions

    /// The number of polls.
    private static let looks = 4
    /// The number of further polls, two seconds apart, if the last poll was too early.
    private static let moreLooks = 4

    func validate() throws {
        guard seconds >= 1, seconds <= 3_600 else { throw ValidationError("--seconds takes 1 to 3600.") }
    }

    func run() async throws {
        let report: CheckReport
        do {
            let given = try rules.rules()
            if let file = recording.file {
                let rules = try SettingsGathering(broker: broker).rules() + given
                let moment = try OpenRecording(file).moment(at: recording.time)
                report = CheckReport(moment, target: file, rules: rules)
            } else {
                var settings = try SettingsGathering(broker: broker).settings()
                settings.rules += given
                let password = await SettingsGathering.password(for: settings)
                report = try await Self.look(settings, password: password, seconds: seconds)
            }
        } catch let error as SettingsError {
            throw error
        } catch {
            // Monitoring takes exit status 1 for a warning.
            throw CommandError("\(error)", exitCode: CheckReport.Status.unknown.exitCode)
        }
        switch format {
        case .json: Output.write(report.json, as: .json)
        case .table: Output.write(report.table(now: Date()))
        }
        if report.status != .ok { throw ExitCode(report.status.exitCode) }
    }

    /// Looks at a broker several times.
    ///
    /// - Parameter seconds: how long.
    static func look(_ settings: Settings, password: String, seconds: Double) async throws -> CheckReport {
        let begun = Date()
        var diagnosis = Diagnosis(.look(of: seconds))
        var cluster: String?
        var unknown: [CheckReport.Line] = []
        var hasFreshNode = false
        var last: [Snapshot] = []
        let observer = try Observer(settings, password: password)
        let poll = try OneShotPoll(ManagementConfiguration(settings, password: password))
        let watching = Task { try? await observer.watch() }
        for look in 0..<Self.looks + Self.moreLooks {
            // A node that has just started reports its alarms a few seconds later.
            if look >= Self.looks, !hasFreshNode { break }
            let due =
                look < Self.looks ? begun + seconds * Double(look) / Double(Self.looks - 1) : Date() + 2
            let pause = due.timeIntervalSinceNow
            if pause > 0 { try? await Task.sleep(for: .seconds(pause)) }
            let (found, failure) = await poll.everything(vhost: Name(settings.vhost))
            // The last poll counts: what failed at first may be available by now.
            unknown = failure.map { [CheckReport.Line($0, of: settings)] } ?? []
            last = found
            if failure != nil, found.isEmpty { break }
            let snapshots = found + observer.latest()
            for snapshot in snapshots {
                if case .cluster(let part) = snapshot {
                    cluster = part.name ?? cluster
                    unknown += CheckReport.Line.unknown(of: part, target: settings.target)
                    hasFreshNode = part.hasFreshNode
                }
                guard let facts = DiagnosisFacts(snapshot, at: Date()) else { continue }
                diagnosis.examine(facts)
            }
        }
        watching.cancel()
        await watching.value
        // The diagnosis reads no exchanges.
        if !last.isEmpty, settings.rules.contains(where: { $0.view == .exchanges }),
            let exchanges = try? await poll.snapshots(of: .exchanges, vhost: Name(settings.vhost))
        {
            last += exchanges
        }
        await poll.shutdown()
        var report = CheckReport(
            diagnosis.findings, unknown: unknown, cluster: cluster ?? settings.target,
            seconds: Date().timeIntervalSince(begun))
        report.add(.listing(last, at: Date(), settings), rules: settings.rules)
        return report
    }
}

extension State {
    /// A state that holds what was listed once, without a screen.
    fileprivate static func listing(_ snapshots: [Snapshot], at time: Date, _ settings: Settings) -> State {
        var options = State.Options(settings)
        options.watchesAll = false
        var state = State(size: Size(width: 200, height: 60), options: options, now: time)
        for snapshot in snapshots { _ = update(&state, .snapshot(snapshot), at: time) }
        return state
    }
}

extension CheckReport {
    /// Adds what rules find in a state, and the cluster's figures.
    fileprivate mutating func add(_ state: State, rules: [ViewRule]) {
        if let overview = state.cluster?.overview { add(overview, now: state.now) }
        add(rules.map { state.outcome(of: $0) })
    }
}

extension CheckReport {
    /// Creates the report of a recorded time: the findings that were true, and what was not known.
    init(_ moment: Moment, target: String, rules: [ViewRule]) {
        var unknown: [Line] = []
        if let cluster = moment.cluster {
            unknown += Line.unknown(of: cluster, target: target)
        } else {
            unknown.append(
                Line(
                    .unknown, what: "the broker was not known at this time", where: target,
                    advice: "Choose another time: 'rabbittop replay' shows what the recording holds."))
        }
        for source in moment.sources where source.name == .management {
            switch source.state {
            case .live: break
            case .connecting, .stale, .unreachable, .denied, .notEnabled, .off:
                unknown.append(
                    Line(
                        .unknown, what: source.problem ?? "it was \(source.state.rawValue)",
                        where: "management of \(target)",
                        since: source.lastSuccess, advice: source.advice ?? "Choose another time."))
            }
        }
        self.init(moment.findings, unknown: unknown, cluster: moment.cluster?.name ?? target, seconds: 0)
        var options = State.Options()
        options.replay = State.Replay(file: target)
        var state = State(size: Size(width: 200, height: 60), options: options, now: moment.at)
        _ = update(&state, .moment(moment), at: moment.at)
        add(state, rules: rules)
    }
}

extension CheckReport.Line {
    fileprivate init(_ error: ManagementError, of settings: Settings) {
        let reply = error.brokerReply.map { " (\($0))" } ?? ""
        self.init(
            .unknown, what: "\(error.whatHappened)\(reply)", where: "management of \(settings.target)",
            advice: error.whatToDo)
    }
}

/// Records meanwhile which sources answer, and what the clients of an attached process report.
private final class Observer: Sendable {
    private let run: HeadlessLink
    private let state: State
    private let seen = Mutex<[Snapshot]>([])

    init(_ settings: Settings, password: String) throws {
        run = try HeadlessLink(BrokerConfiguration(settings, password: password))
        var options = State.Options(settings, initialView: settings.attach == nil ? .overview : .client)
        // The lists are asked for once, apart.
        options.watchesAll = false
        state = State(size: Size(width: 200, height: 60), options: options, now: Date())
    }

    func watch() async throws {
        try await run.watch(state) { state, _, _ in
            let client = ListPart(at: state.client.at ?? state.now, rows: state.client.rows)
            seen.withLock {
                $0 = [.sources(state.sources)] + (state.client.at == nil ? [] : [.client(client)])
            }
            return Task.isCancelled
        }
    }

    func latest() -> [Snapshot] { seen.withLock { $0 } }
}
