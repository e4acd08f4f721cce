import ArgumentParser
import BrokerMonitor
import Foundation
import Names
import RabbitMQManagement
import Screen
import TopCore

/// `rabbittop snapshot`: one view as text, for scripts and for use without a screen.
struct SnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot", abstract: "Print one view, once or several times, and exit.",
        discussion: """
            Formats: table for people, json (one object with all rows), jsonl (one object a row), csv (RFC 4180). \
            The views events and client show what happens while it watches, for one interval. \
            Exit codes: 0 done, 1 failed, 2 usage, 69 broker not reachable, 77 not permitted.
            """)

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @OptionGroup(title: "Recording") var recording: RecordingOptions
    @Option(help: "Which view.") var view: ViewID = .queues
    @Option(help: "How to print it.") var format: Export.Format = .table
    @Option(help: "How many times.") var count = 1
    @Option(help: ArgumentHelp("The interval between two prints.", valueName: "seconds")) var interval = 5.0
    @Option(help: ArgumentHelp("Columns, by their JSON keys.", valueName: "a,b")) var columns: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Column to sort by: numbers from the largest, text from the first; the other way round with -COLUMN.",
            valueName: "column"))
    var sort: String?
    @Option(
        parsing: .unconditional,
        help:
            "Rows that have this text in one of their columns, match this /regular expression/ there, or fulfil a condition, as 'ready > 10k and consumers = 0'."
    )
    var filter: String?

    func validate() throws {
        if recording.file != nil, count != 1 {
            throw ValidationError("--count is for a broker: a recording has one state at a time.")
        }
        if view == .lab {
            throw ValidationError("The lab runs in the dashboard and by itself: see 'rabbittop lab list'.")
        }
        guard (1...1_000_000_000).contains(count) else {
            throw ValidationError("--count takes a number, 1 to 1000000000.")
        }
        guard (0.1...86_400).contains(interval) else {
            throw ValidationError("--interval takes seconds, 0.1 to 86400.")
        }
        if let names, names.isEmpty || names.contains("") {
            throw ValidationError(
                "--columns takes names with commas between them: \(view.columnNames.joined(separator: ",")).")
        }
        if let names, Set(names).count < names.count {
            throw ValidationError("--columns has a column twice; name each once.")
        }
        do {
            _ = try state(.init(), now: .distantPast)
            for name in names ?? [] where !view.columnNames.contains(name) {
                throw ExportError.unknownColumn(name, view: view, known: view.columnNames)
            }
        } catch {
            throw ValidationError("\(error).")
        }
    }

    func run() async throws {
        if let file = recording.file { return try printRecorded(OpenRecording(file).moment(at: recording.time)) }
        let settings = try SettingsGathering(broker: broker).settings()
        let password = await SettingsGathering.password(for: settings)
        let state = try state(.init(settings), now: Date())
        switch view {
        case .events, .client, .lab: try await observe(state, settings, password: password)
        case .overview, .queues, .connections, .channels, .consumers, .exchanges, .nodes, .named:
            try await poll(state, settings, password: password)
        }
    }

    private var names: [String]? {
        columns.map { $0.parts(separatedBy: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
    }

    private func state(_ options: State.Options, now: Date) throws -> State {
        var options = options
        // One view is printed, and nothing else is needed.
        options.watchesAll = false
        return try State(
            view, size: Size(width: 200, height: 60), options: options, now: now, sort: sort, filter: filter)
    }

    /// Returns the state that shows what a recording holds.
    func state(of moment: Moment) throws -> State {
        var options = State.Options()
        options.replay = State.Replay(file: recording.file ?? "")
        var state = try state(options, now: moment.at)
        _ = update(&state, .moment(moment), at: moment.at)
        return state
    }

    /// Prints what a recording holds.
    private func printRecorded(_ moment: Moment) throws {
        let state = try state(of: moment)
        if !moment.knows(view) {
            Output.note("rabbittop: \(view.title.lowercased()) are not known at this time; absent rows are unknown.")
        }
        try print(state, isFirst: true)
    }

    /// Polls everything, as often as requested.
    private func poll(_ start: State, _ settings: Settings, password: String) async throws {
        let poll = try OneShotPoll(ManagementConfiguration(settings, password: password))
        do {
            for time in 1...count {
                let begun = ContinuousClock.now
                // A new state each time, so that deleted rows do not stay.
                var state = start
                for snapshot in try await poll.snapshots(of: view, vhost: Name(settings.vhost)) {
                    _ = update(&state, .snapshot(snapshot), at: Date())
                }
                if case .named(let named) = view { try tellProblems(state, named, isFirst: time == 1) }
                try print(state, isFirst: time == 1)
                if time == 1, format != .json { note(state) }
                if Output.hasFailed { break }
                if time < count { try await Task.sleep(until: begun + .seconds(interval)) }
            }
        } catch let error as ManagementError {
            await poll.shutdown()
            throw CommandError(error)
        } catch {
            await poll.shutdown()
            throw error
        }
        await poll.shutdown()
    }

    /// Watches the broker, and prints the result after each interval.
    private func observe(_ start: State, _ settings: Settings, password: String) async throws {
        let run = try HeadlessLink(BrokerConfiguration(settings, password: password))
        let interval = interval
        let count = count
        try await run.watch(start) { [view, format, names] state, begun, printed in
            if let problem = run.lacksBroker { throw problem }
            guard begun.duration(to: .now) >= .seconds(interval) * (printed + 1) else { return false }
            let text = try Export.text(
                of: view, in: state, columns: names, format: format, heading: printed == 0 || format == .table)
            Output.write(text, as: format.outputForm)
            printed += 1
            return printed == count || Output.hasFailed
        }
    }

    /// Reports on standard error what the broker left out; JSON contains it among its sources.
    private func note(_ state: State) {
        guard let cluster = state.cluster else { return }
        for gap in cluster.gaps where gap.concerns(view) {
            Output.note(
                Text.visible("rabbittop: \(gap.words(user: cluster.user)); \(gap.advice(user: cluster.user))."))
        }
    }

    /// Reports on standard error what the broker does not tell of a view.
    ///
    /// - Throws: where it tells nothing of it.
    private func tellProblems(_ state: State, _ named: NamedView, isFirst: Bool) throws {
        let problems = state.named.problems[named] ?? []
        if !problems.isEmpty, state.table(of: view)?.at == nil {
            throw CommandError(
                problems.map(\.words).joined(separator: "\n"),
                exitCode: problems.contains(where: \.isRefusal) ? ExitStatus.notPermitted : ExitStatus.failed)
        }
        guard isFirst else { return }
        for problem in problems { Output.note("rabbittop: \(problem.words).") }
    }

    /// Reports on standard error the rows that a filter leaves out because it is not known whether its condition holds.
    private func noteUndecided(_ state: State) {
        guard let table = state.table(of: view), table.undecidedCount > 0 else { return }
        Output.note(
            "rabbittop: of \(table.undecidedCount) \(view.rawValue) it is not known whether the filter holds; they are left out."
        )
    }

    private func print(_ state: State, isFirst: Bool) throws {
        if isFirst { noteUndecided(state) }
        let hasHeading = isFirst || format == .table
        let text = try Export.text(of: view, in: state, columns: names, format: format, heading: hasHeading)
        Output.write(text, as: format.outputForm)
    }
}

extension Export.Format: ExpressibleByArgument {
    fileprivate var outputForm: OutputGate.Form {
        switch self {
        case .table: .text
        case .json, .jsonl: .json
        case .csv: .csv
        }
    }
}

extension CommandError {
    init(_ error: ManagementError) {
        let reply = error.brokerReply.map { " (\($0))" } ?? ""
        let exitCode: Int32 =
            switch error.code {
            case .unreachable, .timedOut, .tlsFailed, .otherHost, .unavailable: ExitStatus.unreachable
            case .badSettings: ExitStatus.usage
            case .noCredentials, .badCredentials, .notPermitted, .readOnly: ExitStatus.notPermitted
            default: ExitStatus.failed
            }
        self.init("\(error.whatHappened)\(reply)\n\(error.whatToDo)", exitCode: exitCode)
    }
}
