public import Faults
public import Foundation
import Screen

/// The report of `rabbittop check`, with the exit codes that monitoring plugins use.
public struct CheckReport: Sendable, Equatable {
    /// The overall result.
    public enum Status: String, Sendable, CaseIterable {
        case ok, warning, critical
        /// The broker could not be checked.
        case unknown

        /// The exit status that monitoring plugins use.
        public var exitCode: Int32 {
            switch self {
            case .ok: 0
            case .warning: 1
            case .critical: 2
            case .unknown: 3
            }
        }
    }

    /// One finding, or one part of the broker that could not be checked.
    public struct Line: Sendable, Equatable {
        /// How serious the problem is.
        public var severity: Status
        /// What is wrong, in a sentence.
        public var what: String
        /// The location of the problem.
        public var `where`: String
        /// Since when the problem has existed.
        public var since: Date?
        /// What to do, in a sentence.
        public var advice: String

        /// Creates a line.
        public init(_ severity: Status, what: String, where place: String, since: Date? = nil, advice: String) {
            self.severity = severity
            self.what = what
            self.where = place
            self.since = since
            self.advice = advice
        }
    }

    /// The findings, and what could not be checked.
    public var lines: [Line]
    /// What the rules of the user found.
    public internal(set) var rules: [RuleOutcome] = []
    /// Figures for monitoring that draws charts.
    public internal(set) var figures: [Figure] = []
    /// The cluster's name.
    public var cluster: String?
    /// The duration of the check, in seconds.
    public var seconds: Double

    /// Creates a report.
    ///
    /// - Parameters:
    ///   - findings: The problems found.
    ///   - unknown: The parts of the broker that could not be checked, and why.
    ///   - cluster: The cluster's name.
    ///   - seconds: The duration of the check, in seconds.
    public init(_ findings: [Finding], unknown: [Line] = [], cluster: String?, seconds: Double) {
        lines = unknown + findings.map(Line.init)
        self.cluster = cluster
        self.seconds = seconds
    }

    /// The overall result. A critical finding takes precedence over parts that could not be checked.
    public var status: Status {
        for status in [Status.critical, .unknown, .warning] where lines.contains(where: { $0.severity == status }) {
            return status
        }
        return .ok
    }

    /// The report as JSON: `{"status","findings":[{"severity","what","where","since","advice"}]}`, with `rules` when
    /// there are some, and a line feed.
    public var json: String {
        let findings = lines.map { line in
            JSONText.object([
                ("severity", JSONText.string(line.severity.rawValue)), ("what", JSONText.string(line.what)),
                ("where", JSONText.string(line.where)),
                ("since", JSONText.string(line.since.map(CivilTime.rfc3339))),
                ("advice", JSONText.string(line.advice)),
            ])
        }
        var members = [
            ("status", JSONText.string(status.rawValue)), ("findings", "[" + findings.joined(separator: ",") + "]"),
        ]
        if !rules.isEmpty { members.append(("rules", rulesJSON)) }
        return JSONText.object(members) + "\n"
    }

    /// Returns the report as text, for people and for monitoring that shows the first line.
    public func table(now: Date) -> String {
        let format = ValueFormat()
        let count = "\(lines.count) \(lines.count == 1 ? "finding" : "findings")"
        // The name comes from the broker's operator: control characters must not forge a line, nor a bar the figures.
        // By scalar: a bar with a combining mark is another Character, and the same byte.
        let place =
            cluster.map { name in
                var shown = String.UnicodeScalarView()
                shown.append(contentsOf: Text.visible(name).unicodeScalars.map { $0 == "|" ? "/" : $0 })
                return " on \(String(shown))"
            } ?? ""
        var text = "\(status.rawValue.uppercased()): \(lines.isEmpty ? "nothing wrong" : count)\(place)"
        // A recording is not looked at for some time, but at one time.
        if seconds > 0 { text += ", looked for \(format.duration(seconds.rounded()))" }
        text += "\(performance)\n"
        for line in lines {
            let severity = Text.padded(line.severity.rawValue, to: 10)
            text += "\(severity)\(Text.visible(line.where)): \(Text.visible(line.what))"
            if let since = line.since { text += ", since \(format.clock(since, now: now))" }
            text += "\n          \(Text.visible(line.advice))\n"
        }
        return text
    }
}

extension NodeRow {
    /// Whether the node runs and has not reported its alarms yet.
    fileprivate var isFresh: Bool { running && (memoryAlarm == nil || diskAlarm == nil) }
}

extension ClusterPart {
    /// Whether a running node has not reported its alarms yet, and will report them.
    public var hasFreshNode: Bool {
        !gaps.contains(.nodes) && !gaps.contains(.statistics) && nodes.contains(where: \.isFresh)
    }
}

extension CheckReport.Line {
    /// Returns a line for each thing the broker did not report: it cannot be called healthy.
    ///
    /// - Parameters:
    ///   - part: The state of the cluster.
    ///   - target: The broker's address, as shown to people.
    public static func unknown(of part: ClusterPart, target: String) -> [Self] {
        var lines = part.gaps.map { gap in
            Self(
                .unknown, what: gap.words(user: part.user), where: "management of \(target)",
                advice: gap.advice(user: part.user))
        }
        guard part.hasFreshNode else { return lines }
        for node in part.nodes where node.isFresh {
            lines.append(
                Self(
                    .unknown, what: "it does not say whether it has an alarm", where: "node \(node.name)",
                    advice: "It may have just started: look again in a moment."))
        }
        return lines
    }

    init(_ finding: Finding) {
        let severity: CheckReport.Status =
            switch finding.severity {
            case .ok: .ok
            case .warning: .warning
            case .critical: .critical
            }
        self.init(
            severity, what: finding.what, where: finding.where, since: finding.since, advice: finding.advice)
    }
}
