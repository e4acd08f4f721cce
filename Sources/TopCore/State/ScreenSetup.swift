public import Names

/// What a user has arranged on the screen: saved by a key, and restored when the same cluster is watched again.
public struct ScreenSetup: Sendable, Equatable, Codable {
    /// A view's columns, order and filter.
    public struct View: Sendable, Equatable, Codable {
        /// Which columns are shown, in which order, and how wide; `nil` for those that the view has of itself.
        public var columns: ColumnSetup?
        /// The name of the sort column.
        public var sort: String?
        /// Whether the order is descending.
        public var descending: Bool?
        /// The filter as typed.
        public var filter: String?
    }

    /// What an option of the command line may have said instead.
    public enum Part: Sendable, Hashable {
        case view, vhost, theme
    }

    /// The name of the view that is shown.
    public var view: String?
    /// The vhost shown; `nil` for all.
    public var vhost: Name?
    /// The name of the theme.
    public var theme: String?
    /// The span of charts, in seconds; `nil` while it is automatic.
    public var span: Int?
    /// The views that differ from what they are of themselves, by their names.
    public var views: [String: View] = [:]

    /// Creates a set-up that changes nothing.
    public init() {}
}

/// The set-ups of several clusters, as they are kept in a file.
public struct SavedScreens: Sendable, Equatable, Codable {
    /// One cluster's set-up.
    public struct Cluster: Sendable, Equatable, Codable {
        /// The cluster's name, as the broker reports it.
        public var name: Name
        /// What was saved.
        public var screen: ScreenSetup
    }

    /// How many clusters are kept; the one that was saved longest ago is dropped first.
    static let capacity = 100

    /// The clusters, the one that was saved last at the end.
    public private(set) var clusters: [Cluster] = []

    /// Creates an empty collection.
    public init() {}

    /// What was saved for a cluster.
    public subscript(name: Name) -> ScreenSetup? { clusters.last { $0.name == name }?.screen }

    /// Keeps a cluster's set-up in the place of an earlier one.
    public mutating func save(_ screen: ScreenSetup, of name: Name) {
        clusters.removeAll { $0.name == name }
        clusters.append(Cluster(name: name, screen: screen))
        if clusters.count > Self.capacity { clusters.removeFirst(clusters.count - Self.capacity) }
    }
}

/// The set-up to save, and where.
public struct SaveRequest: Sendable, Equatable {
    /// The path of the file.
    public var path: String
    /// The name of the cluster.
    public var cluster: Name
    /// What is saved.
    public var screen: ScreenSetup

    /// Creates a request.
    public init(path: String, cluster: Name, screen: ScreenSetup) {
        self.path = path
        self.cluster = cluster
        self.screen = screen
    }
}

extension State {
    /// The screen as it is arranged now.
    var screenSetup: ScreenSetup {
        var setup = ScreenSetup()
        setup.view = view.rawValue
        setup.vhost = vhost
        setup.theme = options.theme
        setup.span = chosenSpan?.rawValue
        for view in ViewID.allCases {
            guard let table = table(of: view) else { continue }
            var saved = ScreenSetup.View()
            if table.columnSetup != ColumnSetup() { saved.columns = table.columnSetup }
            if !table.hasUsualOrder {
                saved.sort = table.rowOrder.column.name
                saved.descending = table.rowOrder.descending
            }
            if table.filter != .none { saved.filter = table.filter.typed }
            if saved != ScreenSetup.View() { setup.views[view.rawValue] = saved }
        }
        return setup
    }

    /// Saves the screen for the cluster that is watched.
    mutating func saveScreen() -> [Action] {
        guard let path = options.screenFile else {
            tell("There is nothing to save here: no broker of yours is watched")
            return []
        }
        guard let cluster = cluster?.name else {
            tell("The cluster's name is not known yet, and the set-up is saved by it", .warning)
            return []
        }
        let screen = screenSetup
        options.screens.save(screen, of: Name(cluster))
        knownSetup = screen
        return start(.saveScreen(SaveRequest(path: path, cluster: Name(cluster), screen: screen)))
    }

    /// Restores what was saved for the cluster, once its name is known. What the user has done before stays, and so does
    /// what an option says.
    mutating func restoreScreen(after event: Event) {
        guard restoresScreen, isPresent else { return }
        // What an option says of the screen is not what the user has arranged.
        defer { if !restoresScreen, !isUsed { knownSetup = screenSetup } }
        switch event {
        case .key, .paste, .pointer: isUsed = true
        default: break
        }
        guard let name = cluster?.name else { return }
        restoresScreen = false
        guard let setup = options.screens[Name(name)] else { return }
        for (name, saved) in setup.views {
            guard let view = ViewID(rawValue: name), table(of: view) != nil else { continue }
            restore(saved, in: view)
        }
        if let seconds = setup.span { chosenSpan = ChartSpan(rawValue: seconds) }
        if !options.given.contains(.theme), let theme = setup.theme.flatMap(ThemeName.init) {
            options.theme = theme.rawValue
        }
        guard !isUsed else { return }
        if !options.given.contains(.vhost), setup.vhost != vhost {
            vhost = setup.vhost
            narrowTables()
        }
        if !options.given.contains(.view), let view = setup.view.flatMap(ViewID.init) { go(to: view) }
    }

    /// What is to be saved when the program ends or another cluster is shown: the screen, if the user has arranged
    /// anything on it that was not saved yet; otherwise `nil`.
    public var setupAtEnd: SaveRequest? {
        if let present = present.first { return present.setupAtEnd }
        guard options.savesScreen, playback == nil, let path = options.screenFile, let name = cluster?.name else {
            return nil
        }
        var setup = screenSetup
        if let first = trail.first {
            // A drill-down and the filter that it has set are where the user went, not what was arranged.
            setup.view = first.view.rawValue
            for view in Set(trail.dropFirst().map(\.view) + [view]) where view != first.view {
                setup.views[view.rawValue]?.filter = nil
                if setup.views[view.rawValue] == ScreenSetup.View() { setup.views[view.rawValue] = nil }
            }
        }
        guard setup != knownSetup else { return nil }
        return SaveRequest(path: path, cluster: Name(name), screen: setup)
    }

    private mutating func restore(_ saved: ScreenSetup.View, in view: ViewID) {
        if let columns = saved.columns { apply(.show(columns), to: view) }
        if let sort = saved.sort, let column = AnyColumnKey(sort, in: view) {
            apply(.order(column, descending: saved.descending), to: view)
        }
        // A filter that another version wrote may not parse here.
        if table(of: view)?.filter == Filter.none, let typed = saved.filter,
            let filter = try? Filter(typed: typed, in: view)
        {
            apply(.filter(filter), to: view)
        }
    }
}

extension Table {
    /// Whether the rows are ordered as the view orders them of itself.
    public var hasUsualOrder: Bool {
        sort == Row.defaultSort && descending == Row.startsDescending
    }
}
