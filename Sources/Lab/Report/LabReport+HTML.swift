import Experiments
import Foundation
import HTMLPages

extension LabReport {
    /// Returns a self-contained page: no scripts, fonts or images from elsewhere.
    ///
    /// - Parameter date: when it was made.
    public func html(at date: Date) -> String {
        let contents = runs.count > 1 ? overview : ""
        let sections = runs.enumerated().map { section($1, number: $0) }
        return HTMLPage(
            title: title, body: ([HTMLText.paragraphs(story), contents] + sections).joined(separator: "\n"),
            footer: "Made by rabbittop, \(date.formatted(.iso8601))"
        ).text
    }

    /// A comparison of all runs.
    private var overview: String {
        let names = runs.first?.figures.map(\.name) ?? []
        let rates = Set(runs.flatMap { $0.details.map(\.name) }.filter { $0.hasSuffix("_rate") }).sorted()
        let rows = runs.enumerated().map { number, run in
            ["<a href=\"#run\(number)\">\(HTMLText.escaped(run.title))</a>", Self.badge(run)]
                + run.figures.map { HTMLText.escaped($0.value) } + [String(run.errors.reduce(0) { $0 + $1.count })]
                + rates.map { rate in HTMLText.escaped(run.details.first { $0.name == rate }?.value ?? "-") }
        }
        return "<h2>At a glance</h2>"
            + HTMLPage.table(["", "verdict"] + (names + ["errors"] + rates).map(HTMLText.escaped), rows)
    }

    private func section(_ run: Run, number: Int) -> String {
        var parts = [
            "<section id=\"run\(number)\"><h2>\(HTMLText.escaped(run.title)) \(Self.badge(run))</h2>"
        ]
        if run.expectations.isEmpty {
            if !run.why.isEmpty { parts.append("<p>\(HTMLText.escaped(run.why))</p>") }
        } else {
            parts.append(
                HTMLPage.table(
                    ["expected", "holds", "found"],
                    run.expectations.map {
                        [HTMLText.escaped($0.what), $0.holds ? "yes" : "no", HTMLText.escaped($0.found)]
                    }))
            if run.verdict == .fail { parts.append("<p>\(HTMLText.escaped(run.why))</p>") }
        }
        if !run.explanation.isEmpty {
            parts.append("<h3>What happened, and why</h3>" + HTMLText.paragraphs(run.explanation))
        }
        parts += charts(run)
        parts.append("<h3>Ledger</h3>" + Self.pairs(run.figures))
        parts += tables(run)
        parts.append("</section>")
        return parts.joined(separator: "\n")
    }

    private func charts(_ run: Run) -> [String] {
        guard !run.samples.isEmpty || !run.timeline.isEmpty else { return [] }
        let queues = Set(run.samples.flatMap(\.depths.keys)).sorted()
        let marked = run.timeline.compactMap(ReportChart.Mark.init)
        let depths = ReportChart(
            title: "Queue depths, with faults (bands), errors (triangles) and recoveries (dots)", unit: "messages",
            curves: queues.map { .depth(of: $0, run.samples) }, marks: marked, axis: .seconds(run.seconds))
        // A constant 0, or an unknown rate, is not drawn.
        let curves: [ReportChart.Curve] = [
            .rate("published", run.samples, \.published), .rate("confirmed", run.samples, \.confirmed),
            .rate("consumed", run.samples, \.consumed), .rate("errors", run.samples, \.errors),
        ].filter { $0.parts.joined().contains { $0.value != 0 } }
        let rates = ReportChart(
            title: "Rates", unit: "messages/s",
            curves: curves, marks: marked, axis: .seconds(run.seconds))
        return ["<h3>Timeline</h3>", depths.svg(), rates.svg()]
    }

    private func tables(_ run: Run) -> [String] {
        var parts: [String] = []
        if !run.errors.isEmpty {
            parts.append("<h3>Errors</h3>")
            parts.append(
                HTMLPage.table(
                    ["scope", "code", "times", "first met by", "text"],
                    run.errors.map { error in
                        [
                            error.scope.rawValue, error.code.map(String.init) ?? "-", String(error.count),
                            HTMLText.escaped(error.application), HTMLText.escaped(error.text),
                        ]
                    }))
        }
        if !run.recoveries.isEmpty {
            parts.append("<h3>Recoveries</h3>")
            parts.append(
                HTMLPage.table(
                    ["application", "from", "seconds"],
                    run.recoveries.map {
                        [HTMLText.escaped($0.application), HTMLText.escaped($0.fault), HTMLText.figure($0.seconds)]
                    }))
        }
        if !run.details.isEmpty { parts.append("<h3>Details</h3>" + Self.pairs(run.details)) }
        for (name, table) in run.tables.sorted(by: { $0.key < $1.key }) {
            let rows = table.rows.map { $0.map(HTMLText.escaped) }
            parts.append("<h3>\(HTMLText.escaped(name))</h3>" + HTMLPage.table(table.heads.map(HTMLText.escaped), rows))
        }
        if !run.settings.isEmpty {
            parts.append("<details><summary>Settings</summary>\(Self.pairs(run.settings))</details>")
        }
        if !run.timeline.isEmpty {
            let shown = run.timeline.prefix(Self.mostRows)
            let rows = shown.map { moment in
                [
                    HTMLText.figure(moment.at), HTMLText.escaped(moment.kindText), HTMLText.escaped(moment.application),
                    HTMLText.escaped(moment.text),
                ]
            }
            let rest = run.timeline.count - shown.count
            parts.append(
                "<details><summary>Everything that happened (\(run.timeline.count))</summary>"
                    + HTMLPage.table(["s", "what", "who", "text"], rows)
                    + (rest > 0 ? "<p>and \(rest) more</p>" : "") + "</details>")
        }
        return parts
    }

    private static let mostRows = 500

    private static func badge(_ run: Run) -> String {
        run.verdict.map { verdict in
            let look = verdict == .pass && !run.isCure ? "expected" : verdict.rawValue
            return "<b class=\"\(look)\">\(verdict.words(isCure: run.isCure))</b>"
        } ?? ""
    }

    private static func pairs(_ figures: [Figure]) -> String {
        HTMLPage.pairs(figures.map { ($0.name, $0.value) })
    }
}

extension LabMoment {
    fileprivate var kindText: String {
        switch kind {
        case .fault(let until?): "fault, until \(HTMLText.figure(until)) s"
        case .fault(nil): "fault"
        case .error(let scope, let code, let count):
            "\(scope.rawValue) error\(code.map { " \($0)" } ?? "")\(count > 1 ? ", \(count) times" : "")"
        case .recovery: "recovery"
        case .note: "note"
        }
    }
}
