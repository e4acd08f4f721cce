import Names

/// Deleting bindings, policies and shovels in the views that are reached by their names.
extension State {
    /// Asks whether the selected row is to be deleted.
    func deleteNamedQuestion() -> OverlayOutcome {
        guard !isSelectedEnded else { return .stays }
        switch view {
        case .named(.bindings):
            guard let row = named.bindings.selected else { return .stays }
            if let why = Self.whyNotRemoved(row) { return .says("It cannot be removed: \(why)", .warning) }
            return .asks(removalQuestion(row))
        case .named(.policies):
            guard let row = named.policies.selected else { return .stays }
            return row.isOperator ? .says("\(row.name) is \(Self.isOperators)", .warning) : .asks(deletionQuestion(row))
        case .named(.shovels):
            guard let row = named.shovels.selected else { return .stays }
            guard let vhost = row.vhost, row.whyFixed == nil else {
                return .says(
                    "\(row.name) cannot be deleted here: \(row.whyFixed ?? "its vhost is not known")", .warning)
            }
            return .asks(deletionQuestion(row, EntityID(vhost: vhost, name: row.name)))
        default: return .stays
        }
    }

    /// Asks whether all tagged rows are to be deleted.
    func deleteTaggedQuestion(in view: NamedView) -> OverlayOutcome {
        switch view {
        case .bindings: deleteTaggedBindings()
        case .policies: deleteTaggedPolicies()
        case .shovels: deleteTaggedShovels()
        case .users, .vhosts, .flags, .streams, .topology: .stays
        }
    }

    private func deleteTaggedBindings() -> OverlayOutcome {
        let all = named.bindings.taggedRows
        let rows = all.filter { Self.whyNotRemoved($0) == nil }
        guard !rows.isEmpty else {
            return .says("Bindings to the default exchange go with their queues, and cannot be removed", .warning)
        }
        var lines = [names(rows.map(\.words)), "Messages no longer take these ways."]
        if rows.count < all.count {
            lines.append("\(counted(all.count - rows.count, "binding")) to the default exchange: left out")
        }
        return asks(
            "Remove", rows.map { .init(.change(.named(.removeBinding($0))), for: [$0.rowID]) }, "removal", "binding",
            lines, undo: "To bind again what they are, copy them first: y.")
    }

    private func deleteTaggedPolicies() -> OverlayOutcome {
        let all = named.policies.taggedRows
        let rows = all.filter { !$0.isOperator }
        guard !rows.isEmpty else { return .says("These are operator policies: rabbitmqctl changes them", .warning) }
        var lines = [names(rows.map(\.name.text))]
        let known = rows.compactMap(\.queues)
        let unknown = rows.count - known.count
        lines.append(
            "They are in force on \(counted(Int.sum(known), "queue"))"
                + (unknown > 0 ? ", and those of \(ValueFormat.grouped(unknown)) more, not known" : ""))
        if rows.count < all.count { lines.append("\(all.count - rows.count) of operators: left out") }
        return asks(
            "Delete",
            rows.map { .init(.change(.deletePolicy(EntityID(vhost: $0.vhost, name: $0.name))), for: [$0.rowID]) },
            "deletion", "policy", lines, nouns: "policies", undo: "To set them again as they are, copy them first: y.")
    }

    private func deleteTaggedShovels() -> OverlayOutcome {
        let all = named.shovels.taggedRows
        let items = all.compactMap { row -> OperationBatch.Item? in
            guard let vhost = row.vhost, row.whyFixed == nil else { return nil }
            return .init(.change(.named(.deleteShovel(EntityID(vhost: vhost, name: row.name)))), for: [row.rowID])
        }
        guard !items.isEmpty else {
            return .says("Only dynamic shovels can be deleted here", .warning)
        }
        var lines = [names(all.filter { $0.whyFixed == nil }.map(\.name.text)), "Messages stay where they are."]
        if items.count < all.count {
            lines.append("\(counted(all.count - items.count, "row")) left out: no dynamic shovel")
        }
        return asks("Delete", items, "deletion", "shovel", lines)
    }

    // MARK: Questions

    static func whyNotRemoved(_ row: BindingRow) -> String? {
        row.source.isEmpty ? "a queue's binding to the default exchange goes with the queue" : nil
    }

    func removalQuestion(_ row: BindingRow) -> ConfirmationPrompt {
        ConfirmationPrompt(
            title: "Remove this binding?",
            lines: [
                "in vhost \(row.vhost)", row.words, "Messages no longer take this way.",
                "Undo: a, Bind, from \(row.sourceName) to \(row.destinationKind.rawValue) \(row.destination), key "
                    + "'\(row.routingKey)'\(row.arguments.isEmpty ? "" : ", arguments \(row.arguments)").",
            ], confirmLabel: "Remove", operation: .change(.named(.removeBinding(row))))
    }

    func deletionQuestion(_ row: PolicyRow) -> ConfirmationPrompt {
        let reach =
            row.queues.map { queues in
                "It is in force on \(counted(queues, "queue")) and \(counted(row.exchanges ?? 0, "exchange"))."
            } ?? "On how many queues it is in force is not known."
        return ConfirmationPrompt(
            title: "Delete policy \(row.name)?",
            lines: ["in vhost \(row.vhost)", "It \(row.words)", reach, "Undo: a, New policy, with these values."],
            confirmLabel: "Delete",
            operation: .change(.deletePolicy(EntityID(vhost: row.vhost, name: row.name))))
    }

    func deletionQuestion(_ row: LinkRow, _ id: EntityID) -> ConfirmationPrompt {
        ConfirmationPrompt(
            title: "Delete shovel \(row.name)?",
            lines: [
                "in vhost \(id.vhost)", row.ends, "Messages stay where they are.",
                "This cannot be undone: its addresses have passwords, and are not shown.",
            ], confirmLabel: "Delete", operation: .change(.named(.deleteShovel(id))))
    }
}

extension PolicyRow {
    /// What it is, as a clause without its name: `matches ^orders, of queues, priority 5, {"max-length":10}.`
    var words: String {
        [
            "matches \(pattern)", appliesTo.map { "of \($0)" }, priority.map { "priority \($0)" }, definition.text,
        ].compactMap(\.self).joined(separator: ", ") + "."
    }
}

extension LinkRow {
    /// Why it cannot be deleted here, and a shovel not restarted either; `nil` if it can.
    var whyFixed: String? {
        switch kind {
        case .shovel: vhost == nil ? "a static shovel belongs to a node's configuration file" : nil
        case .federation: "an upstream is removed with rabbitmqctl clear_parameter federation-upstream \(name)"
        }
    }

    /// How the broker addresses it, if it is a link of federation.
    var linkID: FederationLinkID? {
        guard let vhost, let link, let node else { return nil }
        return FederationLinkID(vhost: vhost, upstream: name, id: link, node: node)
    }

    /// Where messages come from and go to, in words.
    var ends: String {
        guard source != nil || destination != nil else { return "Where from and where to is not told." }
        let unknown: Name = "?"
        return "from \(source ?? unknown) to \(destination ?? unknown)"
    }
}
