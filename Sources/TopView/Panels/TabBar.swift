import Screen
import TopCore

/// The views with their digits.
struct TabBar {
    let current: ViewID

    /// Returns the title for narrow screens.
    private static func short(_ view: ViewID) -> String {
        switch view {
        case .overview: "Over"
        case .queues: "Queues"
        case .connections: "Conns"
        case .channels: "Chans"
        case .consumers: "Cons"
        case .exchanges: "Exch"
        case .nodes: "Nodes"
        case .events: "Events"
        case .client: "Client"
        case .lab: "Lab"
        case .named: view.title
        }
    }

    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 0 else { return }
        let views = ViewID.tabs
        let full = views.map { $0.title }
        let short = views.map(Self.short)
        let digits = views.map { $0 == current ? $0.title : "" }
        let titles = [full, short, digits].first { Self.width($0) <= rect.width } ?? digits
        // Wider gaps if they fit.
        let gap = Self.width(titles) + titles.count <= rect.width ? 1 : 0
        var x = rect.minX
        for (view, title) in zip(views, titles) {
            let isCurrent = view == current
            let text = title.isEmpty ? "" : " " + title
            let area = Rect(x: x, y: rect.minY, width: text.count + 2, height: 1)
            if isCurrent {
                // One column more, so that the text has the same padding on both sides.
                let filled = Rect(x: area.minX, y: area.minY, width: area.width + 1, height: 1)
                canvas.fill(filled.intersection(rect), .tabActive)
            }
            canvas.write(view.digit.map(String.init) ?? "", x: x + 1, y: rect.minY, isCurrent ? .tabActive : .tabDigit)
            canvas.write(text, x: x + 2, y: rect.minY, isCurrent ? .tabActive : .tab)
            canvas.target(area, .view(view))
            x = area.maxX + gap
        }
    }

    private static func width(_ titles: [String]) -> Int { titles.reduce(1) { $0 + $1.count + ($1.isEmpty ? 2 : 3) } }
}
