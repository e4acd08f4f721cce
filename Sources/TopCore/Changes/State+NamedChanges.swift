import Names

/// What can be changed in the views that are reached by their names.
extension State {
    /// Returns what can be created, changed or removed in a view.
    func changeList(in view: NamedView) -> OverlayOutcome {
        let choices: [Picker.Choice] =
            switch view {
            case .bindings: bindingChoices()
            case .policies: policyChoices()
            case .users: userChoices()
            case .vhosts: vhostChoices()
            case .flags: flagChoices()
            case .shovels: linkChoices()
            case .streams, .topology: []
            }
        guard !choices.isEmpty else { return .says("Nothing is selected that could be changed", .warning) }
        let first = choices.firstIndex { $0.disabled == nil } ?? 0
        return .lists(Picker(title: "Change in \(view.title)", choices: choices, selected: first, filter: LineEditor()))
    }

    private func choice(_ label: String, _ hint: String, _ question: ConfirmationPrompt?, unless why: String? = nil)
        -> Picker.Choice
    {
        Picker.Choice(
            label: label, hint: hint, disabled: why, effect: question.map(Picker.Effect.ask) ?? .none)
    }

    // MARK: Bindings

    private func bindingChoices() -> [Picker.Choice] {
        let selected = isSelectedEnded ? nil : named.bindings.selected
        let vhost = selected?.vhost ?? vhost ?? "/"
        var choices = [
            Picker.Choice(label: "Bind", hint: "a queue or an exchange", effect: .form(bindingForm(vhost)))
        ]
        if let selected {
            choices.append(
                choice(
                    "Remove \(selected.words)", "", removalQuestion(selected), unless: Self.whyNotRemoved(selected)))
        }
        return choices
    }

    // MARK: Policies

    private func policyChoices() -> [Picker.Choice] {
        let selected = isSelectedEnded ? nil : named.policies.selected
        var choices: [Picker.Choice] = []
        if let selected {
            let why: String? =
                selected.isOperator
                ? Self.isOperators
                : selected.settings == nil ? "its definition has a list or an object: use rabbitmqctl set_policy" : nil
            choices.append(
                Picker.Choice(
                    label: "Change \(selected.name)", hint: selected.definition.text, disabled: why,
                    effect: .form(policyForm(changing: selected))))
            choices.append(
                choice(
                    "Delete \(selected.name)", "", deletionQuestion(selected),
                    unless: selected.isOperator ? Self.isOperators : nil))
        }
        let vhost = selected?.vhost ?? vhost ?? "/"
        choices.append(
            Picker.Choice(
                label: "New policy", hint: "in vhost \(vhost)",
                effect: .form(
                    policyForm(
                        vhost, name: nil, pattern: nil, target: nil, priority: nil, definition: "", before: nil))))
        return choices
    }

    static let isOperators = "an operator policy: rabbitmqctl set_operator_policy changes it"

    private func policyForm(changing row: PolicyRow) -> Form {
        policyForm(
            row.vhost, name: row.name, pattern: row.pattern, target: row.appliesTo,
            priority: row.priority.map(String.init),
            definition: NamedSetting.text(row.settings ?? []), before: row.words)
    }

    // MARK: Users

    private func userChoices() -> [Picker.Choice] {
        guard !isSelectedEnded, let user = named.users.selected else { return [] }
        var choices = (user.permissions ?? []).prefix(200).map { permission in
            Picker.Choice(
                label: "Permission in \(permission.vhost)",
                hint: "\(permission.configure) \(permission.write) \(permission.read)",
                effect: .form(permissionForm(user, permission)))
        }
        choices.append(
            Picker.Choice(
                label: "Permission in another vhost", effect: .form(permissionForm(user, nil))))
        choices.append(
            Picker.Choice(
                label: "Limits of \(user.name)",
                effect: .form(
                    limitForm(.user(user.name), [.connections: user.maxConnections, .channels: user.maxChannels]))))
        return choices
    }

    private func permissionForm(_ user: UserRow, _ permission: UserRow.Permission?) -> Form {
        typealias Key = Form.Key
        let now = permission.map {
            "Now: configure '\($0.configure)', write '\($0.write)', read '\($0.read)'."
        }
        let hint = "regular expression on names; ^$: none, .*: all"
        return Form(
            title: "Permission of \(user.name)", purpose: .permission(user: user.name),
            lines: [now ?? "It replaces the permission that the user may have there."],
            fields: [
                Form.Field(key: Key.vhost, label: "Vhost", kind: .text, value: permission?.vhost.text ?? ""),
                Form.Field(
                    key: Key.configure, label: "Configure", kind: .text, value: permission?.configure ?? "^$",
                    hint: hint),
                Form.Field(key: Key.writing, label: "Write", kind: .text, value: permission?.write ?? "^$", hint: hint),
                Form.Field(key: Key.reading, label: "Read", kind: .text, value: permission?.read ?? "^$", hint: hint),
            ], submitLabel: "Set")
    }

    // MARK: Vhosts

    private func vhostChoices() -> [Picker.Choice] {
        guard !isSelectedEnded, let row = named.vhosts.selected else { return [] }
        let limits = Picker.Choice(
            label: "Limits of \(row.name)",
            effect: .form(
                limitForm(.vhost(row.name), [.connections: row.maxConnections, .queues: row.maxQueues])))
        let begin = ConfirmationPrompt(
            title: "Trace the messages of vhost \(row.name)?",
            lines: [
                "A copy of each message that is published or delivered goes to the exchange amq.rabbitmq.trace.",
                "That costs the broker time, and what is bound there sees all messages.",
                "Undo: a, Stop tracing.",
            ], confirmLabel: "Trace", operation: .change(.named(.setTracing(vhost: row.name, isOn: true))))
        let end = ConfirmationPrompt(
            title: "Stop tracing vhost \(row.name)?",
            lines: ["What is bound to amq.rabbitmq.trace gets no more messages."],
            confirmLabel: "Stop", operation: .change(.named(.setTracing(vhost: row.name, isOn: false))))
        let tracing =
            row.isTracing == true ? choice("Stop tracing", "", end) : choice("Trace messages", "asks first", begin)
        return [limits, tracing]
    }

    private func limitForm(_ owner: LimitChange.Owner, _ now: [LimitChange.Limit: Int?]) -> Form {
        let fields = owner.limits.map { limit in
            Form.Field(
                key: Form.Key.limit(limit), label: "Most \(limit.things)", kind: .count,
                value: (now[limit] ?? nil).flatMap { $0 < 0 ? nil : String($0) } ?? "",
                hint: "empty: no limit; 0: none at all")
        }
        return Form(
            title: "Limits of \(owner.words)", purpose: .limits(owner),
            lines: ["What is there stays; more than that is refused."], fields: fields, submitLabel: "Set")
    }

    // MARK: Feature flags

    private func flagChoices() -> [Picker.Choice] {
        guard !isSelectedEnded, let row = named.flags.selected else { return [] }
        let why: String? =
            switch (row.kind, row.state, row.stability) {
            case (.deprecated, _, _): "a deprecated feature: the broker's configuration permits or denies it"
            case (.flag, "enabled", _): "it is enabled, and cannot be disabled again"
            case (.flag, "disabled", "experimental"): "it is experimental: use rabbitmqctl enable_feature_flag"
            case (.flag, "disabled", _): nil
            case (.flag, let state, _): "its state is \(state ?? "unknown")"
            }
        let question = ConfirmationPrompt(
            title: "Enable feature flag \(row.name)?",
            lines: [
                row.description ?? "", "All nodes of the cluster have to be running.",
                "It cannot be disabled again: nodes that do not know it can no longer join the cluster.",
            ].filter { !$0.isEmpty }, confirmLabel: "Enable", operation: .change(.named(.enableFlag(row.name))))
        return [choice("Enable \(row.name)", row.state ?? "", question, unless: why)]
    }

    // MARK: Shovels and federation

    private func linkChoices() -> [Picker.Choice] {
        guard !isSelectedEnded, let row = named.shovels.selected else { return [] }
        switch row.kind {
        case .shovel:
            let id = row.vhost.map { EntityID(vhost: $0, name: row.name) }
            return [
                choice(
                    "Restart \(row.name)", "", id.map { restartQuestion(row, .restartShovel($0)) }, unless: row.whyFixed
                ),
                choice("Delete \(row.name)", "", id.map { deletionQuestion(row, $0) }, unless: row.whyFixed),
            ]
        case .federation:
            let link = row.linkID
            return [
                choice(
                    "Restart the link from \(row.name)", "", link.map { restartQuestion(row, .restartLink($0)) },
                    unless: link == nil ? "the broker does not tell how it addresses the link" : nil)
            ]
        }
    }

    private func restartQuestion(_ row: LinkRow, _ change: NamedChange) -> ConfirmationPrompt {
        let what = row.kind == .shovel ? "shovel \(row.name)" : "the link from \(row.name)"
        return ConfirmationPrompt(
            title: "Restart \(what)?",
            lines: [
                row.ends, "It is \(row.state ?? "in an unknown state").",
                "It connects again; messages that it has not acknowledged are transferred once more.",
            ], confirmLabel: "Restart", operation: .change(.named(change)))
    }
}
