import Experiments
import Foundation

extension LabReport {
    /// Returns a self-contained page: no scripts, fonts or images from elsewhere.
    ///
    /// - Parameter date: when it was made.
    public func html(at date: Date) -> String {
        let contents = runs.count > 1 ? overview : ""
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(HTMLText.escaped(title))</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <main>
            <h1>\(HTMLText.escaped(title))</h1>
            \(HTMLText.paragraphs(story))
            \(contents)
            \(runs.enumerated().map { section($1, number: $0) }.joined(separator: "\n"))
            <footer>Made by rabbittop, \(HTMLText.escaped(date.formatted(.iso8601)))</footer>
            </main>
            </body>
            </html>

            """
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
            + Self.table(["", "verdict"] + (names + ["errors"] + rates).map(HTMLText.escaped), rows)
    }

    private func section(_ run: Run, number: Int) -> String {
        var parts = [
            "<section id=\"run\(number)\"><h2>\(HTMLText.escaped(run.title)) \(Self.badge(run))</h2>"
        ]
        if run.expectations.isEmpty {
            if !run.why.isEmpty { parts.append("<p>\(HTMLText.escaped(run.why))</p>") }
        } else {
            parts.append(
                Self.table(
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
        let marked = run.timeline.filter { if case .note = $0.kind { false } else { true } }
        let depths = ReportChart(
            title: "Queue depths, with faults (bands), errors (triangles) and recoveries (dots)", unit: "messages",
            curves: queues.map { .depth(of: $0, run.samples) }, moments: marked, seconds: run.seconds)
        // A constant 0, or an unknown rate, is not drawn.
        let curves: [ReportChart.Curve] = [
            .rate("published", run.samples, \.published), .rate("confirmed", run.samples, \.confirmed),
            .rate("consumed", run.samples, \.consumed), .rate("errors", run.samples, \.errors),
        ].filter { $0.parts.joined().contains { $0.value != 0 } }
        let rates = ReportChart(
            title: "Rates", unit: "messages/s",
            curves: curves, moments: marked, seconds: run.seconds)
        return ["<h3>Timeline</h3>", depths.svg(), rates.svg()]
    }

    private func tables(_ run: Run) -> [String] {
        var parts: [String] = []
        if !run.errors.isEmpty {
            parts.append("<h3>Errors</h3>")
            parts.append(
                Self.table(
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
                Self.table(
                    ["application", "from", "seconds"],
                    run.recoveries.map {
                        [HTMLText.escaped($0.application), HTMLText.escaped($0.fault), HTMLText.figure($0.seconds)]
                    }))
        }
        if !run.details.isEmpty { parts.append("<h3>Details</h3>" + Self.pairs(run.details)) }
        for (name, table) in run.tables.sorted(by: { $0.key < $1.key }) {
            let rows = table.rows.map { $0.map(HTMLText.escaped) }
            parts.append("<h3>\(HTMLText.escaped(name))</h3>" + Self.table(table.heads.map(HTMLText.escaped), rows))
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
                    + Self.table(["s", "what", "who", "text"], rows)
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
        let rows = figures.map { "<dt>\(HTMLText.escaped($0.name))</dt><dd>\(HTMLText.escaped($0.value))</dd>" }
        return "<dl>\(rows.joined())</dl>"
    }

    /// The cells are markup already.
    private static func table(_ heads: [String], _ rows: [[String]]) -> String {
        let head = heads.map { "<th>\($0)</th>" }.joined()
        let body = rows.map { "<tr>\($0.map { "<td>\($0)</td>" }.joined())</tr>" }.joined(separator: "\n")
        return "<div class=\"wide\"><table><thead><tr>\(head)</tr></thead><tbody>\n\(body)\n</tbody></table></div>"
    }

    private static let style = """
        :root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --soft: #5b6470; --line: #d8dde3;
          --fault: #d9480f; --error: #c92a2a; --good: #2b8a3e; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --paper: #14171a; --soft: #9aa4af;
          --line: #333a41; --fault: #ff922b; --error: #ff8787; --good: #69db7c; } }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
        main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
        h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; }
        h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; } p { max-width: 44rem; }
        a { color: inherit; } footer, summary, figcaption, dt, th { color: var(--soft); }
        .wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line);
          vertical-align: top; overflow-wrap: break-word; }
        th { font-weight: 500; white-space: nowrap; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1.2rem; margin: 0; }
        dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        figure { margin: 0 0 1.25rem; } svg { width: 100%; height: auto; }
        b.pass, b.fail, b.expected { font-size: .8em; padding: .1em .5em; border-radius: .4em; border: 1px solid currentColor; }
        b.pass { color: var(--good); } b.fail { color: var(--error); }
        b.expected { color: var(--fault); }
        polyline { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .grid { stroke: var(--line); } .axis { fill: var(--soft); font-size: 12px; }
        rect.fault { fill: var(--fault); opacity: .22; } path.error { fill: var(--error); }
        circle.recovery { fill: var(--good); }
        .legend span { margin-right: 1.2rem; } .legend i { display: inline-block; width: .9rem; height: .25rem;
          margin-right: .4rem; vertical-align: middle; }
        .c0 { stroke: #1c7ed6; } .k0 { background: #1c7ed6; } .c1 { stroke: #2f9e44; } .k1 { background: #2f9e44; }
        .c2 { stroke: #e8590c; } .k2 { background: #e8590c; } .c3 { stroke: #e03131; } .k3 { background: #e03131; }
        .c4 { stroke: #9c36b5; } .k4 { background: #9c36b5; } .c5 { stroke: #0c8599; } .k5 { background: #0c8599; }
        .c6 { stroke: #f08c00; } .k6 { background: #f08c00; } .c7 { stroke: #868e96; } .k7 { background: #868e96; }
        """
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

/// Escapes text for a page, so that text from outside never becomes markup.
enum HTMLText {
    /// Returns text for an element or for an attribute in double quotes. Control characters become visible.
    static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            default:
                // HTML does not allow such characters, and those that change the text direction would change what is
                // read.
                switch scalar.properties.generalCategory {
                case .control, .format, .surrogate, .privateUse, .unassigned: result += "\u{FFFD}"
                default: result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }

    /// Returns paragraphs that are separated by an empty line.
    static func paragraphs(_ text: String) -> String {
        text.components(separatedBy: "\n\n").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            .filter { !$0.isEmpty }.map { "<p>\(escaped($0))</p>" }.joined(separator: "\n")
    }

    /// Formats a number: `12`, `3.4`, `0.05`.
    static func figure(_ value: Double) -> String {
        if abs(value) >= 100 { return LabValue.figure(value.rounded()) }
        return LabValue.figure((value * 100).rounded() / 100)
    }
}
