import Foundation
public import Names

/// The clusters of the configuration: how each is, and switching to one.
extension State {
    /// Returns the list of clusters, with what is known of each.
    func clusterList() -> OverlayOutcome {
        guard !options.clusters.isEmpty else {
            return .says(Self.noClusters, .warning)
        }
        let here = options.cluster.flatMap { options.clusters.firstIndex(of: $0) } ?? 0
        return .lists(clusterPicker(selected: here))
    }

    static let noClusters = "No cluster is configured: each is a section of ~/.rabbitmqadmin.conf"

    private func clusterPicker(selected: Int) -> Picker {
        let rows = options.clusters.map { clusterFigures(of: $0) }
        let widths = (0..<Self.clusterFigureCount).map { column in
            rows.compactMap { $0.count > 1 ? $0[column].count : nil }.max() ?? 0
        }
        let choices = zip(options.clusters, rows).map { name, figures in
            let hint = zip(figures, widths).map { figure, width in
                figures.count == 1 ? figure : figure + String(repeating: " ", count: max(0, width - figure.count))
            }
            return Picker.Choice(
                label: name == options.cluster ? "\(name.text) (shown)" : name.text,
                hint: hint.joined(separator: "  "), effect: .cluster(name), about: clusterStory(of: name))
        }
        return Picker(
            title: "Clusters", lines: ["Health is of nodes and alarms; asked every 10 s while this is open."],
            choices: choices, selected: selected, kind: .clusters)
    }

    private static let clusterFigureCount = 6

    /// Returns the figures of a cluster as words; one alone where nothing is known.
    private func clusterFigures(of name: Name) -> [String] {
        guard let summary = clusterSummaries[name] else { return ["asking…"] }
        guard let at = summary.at else { return ["unknown: \(summary.problem ?? "no answer yet")"] }
        let unknown = "?"
        let age = ValueFormat().duration(max(0, clock.timeIntervalSince(at)).rounded(.down))
        return [
            summary.problem == nil ? summary.health : "no answer",
            summary.version ?? unknown,
            "\(summary.runningNodes.map(String.init) ?? unknown)/\(summary.nodes.map(String.init) ?? unknown) nodes",
            "\(summary.messages.map { ValueFormat.grouped($0) } ?? unknown) msgs",
            summary.alarms.map { $0 == 0 ? "no alarm" : counted($0, "alarm") } ?? "alarms \(unknown)",
            "\(age) ago",
        ]
    }

    private func clusterStory(of name: Name) -> String {
        if let problem = clusterSummaries[name]?.problem { return problem }
        return name == options.cluster ? "This is the cluster that is shown." : "Enter shows this cluster."
    }

    /// Takes what clusters report, and shows it where the list is open.
    mutating func take(_ summaries: [ClusterSummary]) {
        for var summary in summaries {
            // What was known of a cluster that does not answer stays, with its age.
            if summary.at == nil, let known = clusterSummaries[summary.name], known.at != nil {
                let problem = summary.problem
                summary = known
                summary.problem = problem
            }
            clusterSummaries[summary.name] = summary
        }
        showClusters()
    }

    /// Brings the figures of the open list up to date.
    mutating func showClusters() {
        guard case .picker(let picker)? = overlay, picker.kind == .clusters else { return }
        overlay = .picker(clusterPicker(selected: picker.selected))
    }

    /// Switches to another cluster of the configuration, after a question where something would end with it.
    ///
    /// - Parameter isConfirmed: Whether the question was answered.
    public mutating func switchCluster(to name: Name, isConfirmed: Bool = false) -> [Action] {
        guard options.clusters.contains(name) else {
            let known = options.clusters.isEmpty ? "none" : options.clusters.map(\.text).joined(separator: ", ")
            tell("The configuration has no cluster \(name); it has \(known)", .warning)
            return []
        }
        guard name != options.cluster else {
            overlays.close()
            tell("\(name) is shown already")
            return []
        }
        guard time == .present else {
            tell("Another cluster can be shown from the present: Esc returns to it", .warning)
            return []
        }
        let ending = whatEndsWithCluster
        guard isConfirmed || ending.isEmpty else {
            overlay = .picker(
                Picker(
                    title: "Switch to \(name)?", lines: ending,
                    choices: [
                        Picker.Choice(label: "Cancel", hint: "stay here", effect: .none),
                        Picker.Choice(label: "Switch", hint: "end all this", effect: .clusterAnyway(name)),
                    ]))
            return []
        }
        overlays.close()
        tell("Going to \(name)…")
        return [.switchCluster(name)]
    }

    /// What a switch to another cluster ends, one line each.
    private var whatEndsWithCluster: [String] {
        var lines: [String] = []
        let running = activities.filter { $0.endedAt == nil }
        for activity in running.prefix(3) { lines.append("stops: \(activity.title)") }
        if running.count > 3 { lines.append("stops \(counted(running.count - 3, "more operation"))") }
        let inForce = faults.count { $0.isInForce }
        if inForce > 0 { lines.append("undoes \(counted(inForce, "fault")) in force") }
        if let file = recording.file { lines.append("ends the recording to \(file)") }
        return lines
    }

    /// Takes what became of the wish to show another cluster.
    mutating func take(_ change: ClusterChange) -> [Action] {
        switch change {
        case .ready(let name): return [.enterCluster(name)]
        case .refused(let name, let why):
            tell("\(name): \(why)", .failure)
            return []
        }
    }

    /// Returns whether clusters are to be asked from now on, where that changes.
    mutating func changedClusterWatch() -> Action? {
        var isShown = false
        if case .picker(let picker)? = overlay { isShown = picker.kind == .clusters }
        guard isShown != watchesClusters else { return nil }
        watchesClusters = isShown
        return .watchClusters(isShown)
    }
}
