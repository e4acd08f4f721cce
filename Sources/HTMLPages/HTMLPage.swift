/// A self-contained page: no scripts, fonts or images from elsewhere.
public struct HTMLPage: Sendable {
    /// The title of the page.
    public var title: String
    /// The markup of the page below its title.
    public var body: String
    /// Who made it and when, as text.
    public var footer: String

    /// Creates a page.
    public init(title: String, body: String, footer: String) {
        self.title = title
        self.body = body
        self.footer = footer
    }

    /// The whole document.
    public var text: String {
        """
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
        \(body)
        <footer>\(HTMLText.escaped(footer))</footer>
        </main>
        </body>
        </html>

        """
    }

    /// Returns a list of names and values, given as text.
    public static func pairs(_ pairs: some Sequence<(name: String, value: String)>) -> String {
        let rows = pairs.map { "<dt>\(HTMLText.escaped($0.name))</dt><dd>\(HTMLText.escaped($0.value))</dd>" }
        return "<dl>\(rows.joined())</dl>"
    }

    /// Returns a table. Headings and cells are markup already.
    public static func table(_ heads: [String], _ rows: [[String]]) -> String {
        let head = heads.map { "<th>\($0)</th>" }.joined()
        let body = rows.map { "<tr>\($0.map { "<td>\($0)</td>" }.joined())</tr>" }.joined(separator: "\n")
        return "<div class=\"wide\"><table><thead><tr>\(head)</tr></thead><tbody>\n\(body)\n</tbody></table></div>"
    }

    /// Returns a table without the columns of which every cell is empty.
    public static func tableOfFilledColumns(_ heads: [String], _ rows: [[String]]) -> String {
        let kept = heads.indices.filter { column in rows.contains { $0.indices.contains(column) && !$0[column].isEmpty }
        }
        return table(kept.map { heads[$0] }, rows.map { row in kept.map { row.indices.contains($0) ? row[$0] : "" } })
    }

    /// Returns a time, given as text, as markup that is never broken into two lines.
    public static func time(_ text: String) -> String {
        "<span class=\"time\">\(HTMLText.escaped(text))</span>"
    }

    static let style = """
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
        th, .time { white-space: nowrap; } th { font-weight: 500; }
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
