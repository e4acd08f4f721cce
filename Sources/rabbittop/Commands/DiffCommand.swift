import ArgumentParser
import BrokerMonitor
import Foundation
import Recorder
import Screen
import Synchronization
import TopCore

/// `rabbittop diff A B`: what differs between two recordings, two times of one, or two brokers.
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "What differs between two recordings, two times of one, or two brokers.",
        discussion: """
            A and B are each a recording (FILE), a time of one (FILE@TIME, as in orders.sqlite@-1h or \
            orders.sqlite@03:12), or a broker's base URI (http://rabbit.example:15672), for which the broker options \
            hold. What one side does not know is not compared, and named. \
            Exit codes: 0 nothing differs, 1 something differs or it failed, 2 usage, 69 broker not reachable, 77 not \
            permitted.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    @Argument(help: ArgumentHelp("The one side.", valueName: "A")) var one: String
    @Argument(help: ArgumentHelp("The other side.", valueName: "B")) var other: String
    @Option(help: "How to print it.") var format: Format = .table
    @OptionGroup(title: "Broker") var broker: BrokerOptions

    /// How long a broker may take to report all its lists, in seconds.
    private static let patience = 60.0

    func run() async throws {
        let from = try await moment(of: one)
        let to = try await moment(of: other)
        let difference = Difference(from: from, to: to)
        switch format {
        case .table: Output.write(difference.text())
        case .json: Output.write(difference.json, as: .json)
        }
        if !difference.isEmpty { throw ExitCode(ExitStatus.failed) }
    }

    private func moment(of side: String) async throws -> Moment {
        if side.hasPrefix("http://") || side.hasPrefix("https://") { return try await moment(ofBroker: side) }
        let (file, time) = Self.parts(side)
        return try OpenRecording(file).moment(at: time)
    }

    /// Separates `FILE@TIME`. A file whose name has an `@` is found, too.
    static func parts(_ side: String) -> (file: String, time: String?) {
        let path = (side as NSString).expandingTildeInPath
        guard !FileManager.default.fileExists(atPath: path),
            let sign = side.utf8.lastIndex(of: UInt8(ascii: "@"))
        else { return (side, nil) }
        return (String(side[..<sign]), String(side[side.utf8.index(after: sign)...]))
    }

    /// Watches a broker until all lists are known.
    private func moment(ofBroker uri: String) async throws -> Moment {
        var options = broker
        options.baseUri = uri
        let settings = try SettingsGathering(broker: options).settings()
        let password = await SettingsGathering.password(for: settings)
        var configuration = BrokerConfiguration(settings, password: password)
        // A comparison needs no events, and creates nothing on the broker.
        configuration.listens = false
        let link = try HeadlessLink(configuration)
        let state = State(size: Size(width: 200, height: 60), options: .init(settings), now: Date())
        let result = Mutex<Moment?>(nil)
        try await link.watch(state) { state, begun, _ in
            if let problem = link.lacksBroker { throw problem }
            let moment = state.moment
            guard moment.isComplete || begun.duration(to: .now) >= .seconds(Self.patience) else { return false }
            result.withLock { $0 = moment }
            return true
        }
        guard let moment = result.withLock({ $0 }) else {
            throw CommandError("\(settings.target) was not read to the end.", exitCode: ExitStatus.unreachable)
        }
        return moment
    }
}

extension Moment {
    /// Whether every list that is compared is known.
    fileprivate var isComplete: Bool {
        cluster != nil && queues?.isWhole == true && exchanges?.isWhole == true && connections?.isWhole == true
            && channels?.isWhole == true && consumers?.isWhole == true && configuration != nil
    }
}
