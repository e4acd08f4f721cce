import Names

/// The forms and lists for changing what is configured.
extension State {
    /// Returns what can be created, changed or removed here.
    func changeList() -> OverlayOutcome {
        if case .named(let view) = view { return changeList(in: view) }
        let vhost = vhostOfChange
        var choices: [Picker.Choice] = []
        func add(_ label: String, _ hint: String, _ form: Form) {
            choices.append(Picker.Choice(label: label, hint: hint, effect: .form(form)))
        }
        switch view {
        case .exchanges:
            add("Exchange", "declare one", exchangeForm(vhost))
            add("Binding", "to a queue or an exchange", bindingForm(vhost))
            add("Queue", "declare one", queueForm(vhost))
        default:
            add("Queue", "declare one", queueForm(vhost))
            add("Binding", "to the queue", bindingForm(vhost))
            add("Exchange", "declare one", exchangeForm(vhost))
        }
        add("Policy", "set a new one", policyForm(vhost, replacing: nil))
        choices += policyChoices(vhost)
        choices += bindingChoices(vhost)
        return .lists(Picker(title: "Create or change in vhost \(vhost)", choices: choices, filter: LineEditor()))
    }

    /// The vhost of the selected row, or the one that is shown.
    private var vhostOfChange: Name {
        switch selectedID {
        case .queue(let id), .exchange(let id): id.vhost
        default: vhost ?? "/"
        }
    }

    private func policyChoices(_ vhost: Name) -> [Picker.Choice] {
        let policies = (configuration?.items ?? []).filter { $0.kind == .policy && $0.vhost == vhost }
        return policies.prefix(200).flatMap { item in
            let deletion = ConfirmationPrompt(
                title: "Delete policy \(item.name)?",
                lines: ["in vhost \(vhost)", "It \(item.value).", policyReach(item)],
                confirmLabel: "Delete", operation: .change(.deletePolicy(EntityID(vhost: vhost, name: item.name))))
            return [
                Picker.Choice(
                    label: "Change \(item.name)", hint: item.value.text,
                    effect: .form(policyForm(vhost, replacing: item)), group: "Policies"),
                Picker.Choice(label: "Delete \(item.name)", effect: .ask(deletion), group: "Policies"),
            ]
        }
    }

    private func policyReach(_ item: ConfigurationItem) -> String {
        let count = queues.rows.count { $0.vhost == item.vhost && $0.details?.policy == item.name }
        let exchanges = exchanges.rows.count { $0.id.vhost == item.vhost && $0.policy == item.name }
        return "It applies to \(counted(count, "queue")) and \(counted(exchanges, "exchange")), as far as is known."
    }

    /// Returns the bindings of the selected queue or exchange, to remove one.
    private func bindingChoices(_ vhost: Name) -> [Picker.Choice] {
        let mark: ([UInt8]) -> Bool
        switch selectedID {
        case .exchange(let id):
            let start = id.name.bytes + Array(" to ".utf8)
            mark = { $0.starts(with: start) }
        case .queue(let id):
            let part = Array(" to queue ".utf8) + id.name.bytes + Array(" by '".utf8)
            mark = { !$0.ranges(of: part).isEmpty }
        default: return []
        }
        let bindings = (configuration?.items ?? []).filter {
            $0.kind == .binding && $0.vhost == vhost && mark($0.name.bytes)
        }
        return bindings.prefix(200).map { item in
            let question = ConfirmationPrompt(
                title: "Remove this binding?",
                lines: ["in vhost \(vhost)", item.name.text, "Messages no longer take this way."],
                confirmLabel: "Remove", operation: .change(.unbind(vhost: vhost, binding: item.name)))
            return Picker.Choice(label: "Remove \(item.name)", effect: .ask(question), group: "Bindings")
        }
    }

    // MARK: Forms

    private func queueForm(_ vhost: Name) -> Form {
        typealias Key = Form.Key
        var fields = [
            Form.Field(key: Key.name, label: "Name", kind: .text, value: ""),
            Form.Field(
                key: Key.type, label: "Type", kind: .choice(QueueDeclaration.Kind.allCases.map(\.rawValue)),
                value: QueueDeclaration.Kind.quorum.rawValue, hint: "← → change it"),
            Form.Field(
                key: Key.durable, label: "Durable", kind: .toggle, value: Form.Field.on,
                hint: "survives a restart of the broker"),
            Form.Field(
                key: Key.autoDelete, label: "Auto-delete", kind: .toggle, value: Form.Field.off,
                hint: "with its last consumer"),
        ]
        fields += QueueArgument.allCases.map { argument in
            let kind: Form.Field.Kind =
                switch argument.values {
                case .whole: .count
                case .text: .text
                case .flag: .toggle
                case .choice(let choices): .choice([Form.notSet] + choices)
                }
            let value: String =
                switch argument.values {
                case .whole, .text: ""
                case .flag: Form.Field.off
                case .choice: Form.notSet
                }
            return Form.Field(
                key: Key.argument(argument), label: argument.label, kind: kind, value: value, hint: argument.hint)
        }
        fields.append(Self.moreArguments)
        return Form(
            title: "Declare a queue in vhost \(vhost)", purpose: .declareQueue(vhost: vhost), fields: fields,
            submitLabel: "Declare")
    }

    private static var moreArguments: Form.Field {
        Form.Field(
            key: Form.Key.arguments, label: "Arguments", kind: .text, value: "",
            hint: "name=value, …; text in quotes where needed")
    }

    private func exchangeForm(_ vhost: Name) -> Form {
        typealias Key = Form.Key
        let fields = [
            Form.Field(key: Key.name, label: "Name", kind: .text, value: ""),
            Form.Field(
                key: Key.type, label: "Type", kind: .text, value: "topic",
                hint: "direct, fanout, topic, headers, or a plugin's"),
            Form.Field(
                key: Key.alternate, label: "Alternate", kind: .text, value: "",
                hint: "exchange for what no binding matches"),
            Form.Field(
                key: Key.durable, label: "Durable", kind: .toggle, value: Form.Field.on,
                hint: "survives a restart of the broker"),
            Form.Field(
                key: Key.autoDelete, label: "Auto-delete", kind: .toggle, value: Form.Field.off,
                hint: "with its last binding"),
            Form.Field(
                key: Key.isInternal, label: "Internal", kind: .toggle, value: Form.Field.off,
                hint: "takes messages from exchanges only"),
            Self.moreArguments,
        ]
        return Form(
            title: "Declare an exchange in vhost \(vhost)", purpose: .declareExchange(vhost: vhost), fields: fields,
            submitLabel: "Declare")
    }

    func bindingForm(_ vhost: Name) -> Form {
        typealias Key = Form.Key
        var (source, destination): (Name, Name) = ("", "")
        switch selectedID {
        case .exchange(let id): source = id.name
        case .queue(let id): destination = id.name
        case .named where view == .named(.bindings): source = named.bindings.selected?.source ?? ""
        default: break
        }
        let fields = [
            Form.Field(key: Key.exchange, label: "From exchange", kind: .text, value: source.text),
            Form.Field(
                key: Key.destinationKind, label: "To", kind: .choice([Form.toQueue, Form.toExchange]),
                value: Form.toQueue, hint: "← → change it"),
            Form.Field(key: Key.destination, label: "Its name", kind: .text, value: destination.text),
            Form.Field(
                key: Key.routingKey, label: "Key", kind: .text, value: "",
                hint: "with * and # for a topic exchange"),
            Form.Field(
                key: Key.arguments, label: "Arguments", kind: .text, value: "",
                hint: "for headers: x-match=all, name=value"),
        ]
        return Form(
            title: "Bind in vhost \(vhost)", purpose: .bind(vhost: vhost), fields: fields, submitLabel: "Bind")
    }

    private func policyForm(_ vhost: Name, replacing item: ConfigurationItem?) -> Form {
        let known = item?.fields ?? [:]
        let prefix = Array("definition.".utf8)
        let definition = known.filter { $0.key.bytes.starts(with: prefix) }.sorted { $0.key < $1.key }
            .map { "\(Name(bytes: $0.key.bytes.dropFirst(prefix.count)))=\($0.value)" }.joined(separator: ", ")
        return policyForm(
            vhost, name: item?.name, pattern: known["pattern"], target: known["apply-to"]?.text,
            priority: known["priority"]?.text, definition: definition,
            before: item.map { "it \($0.value)." })
    }

    /// The form of a new policy, or of one that is there.
    ///
    /// - Parameter before: what the policy is now, in a sentence.
    func policyForm(
        _ vhost: Name, name: Name?, pattern: Name?, target: String?, priority: String?, definition: String,
        before: String?
    ) -> Form {
        typealias Key = Form.Key
        let fields = [
            Form.Field(key: Key.name, label: "Name", kind: .text, value: name?.text ?? ""),
            Form.Field(
                key: Key.pattern, label: "Pattern", kind: .text, value: pattern?.text ?? "^",
                hint: "regular expression on the name; ^ and $ anchor it"),
            Form.Field(
                key: Key.target, label: "Applies to", kind: .choice(PolicyTarget.allCases.map(\.rawValue)),
                value: target ?? PolicyTarget.queues.rawValue, hint: "← → change it"),
            Form.Field(
                key: Key.priority, label: "Priority", kind: .count, value: priority ?? "0",
                hint: "the highest that matches applies"),
            Form.Field(
                key: Key.definition, label: "Definition", kind: .text, value: definition,
                hint: "max-length=1000, overflow=reject-publish, …"),
        ]
        return Form(
            title: name.map { "Change policy \($0)" } ?? "Set a policy in vhost \(vhost)",
            purpose: .policy(vhost: vhost), lines: before.map { ["Now: \($0)"] } ?? [], fields: fields,
            submitLabel: "Set")
    }

    /// Returns what a policy that is being typed would apply to.
    func note(onPolicy form: Form, vhost: Name) -> [FormNote] {
        let text = form[Form.Key.pattern]?.editor.text ?? ""
        guard let pattern = PolicyPattern(Name(text)) else {
            return [
                FormNote("Matches", "not known: the pattern is no regular expression, or takes too long to try here")
            ]
        }
        let target = PolicyTarget(rawValue: form[Form.Key.target]?.editor.text ?? "") ?? .all
        let preview = PolicyPreview(
            pattern, of: EntityID(vhost: vhost, name: Name(form[Form.Key.name]?.editor.text ?? "")), on: target,
            priority: Int(form[Form.Key.priority]?.editor.text ?? "") ?? 0,
            queues: queues.rows.lazy.map {
                PolicyPreview.Candidate(id: $0.id, type: $0.details?.type, policy: $0.details?.policy)
            },
            exchanges: exchanges.rows.lazy.map { PolicyPreview.Candidate(id: $0.id, policy: $0.policy) },
            priorities: policyPriorities(vhost))
        var notes = [FormNote("Matches", preview.words)]
        if let settings = try? NamedSetting.list(form[Form.Key.definition]?.editor.text ?? "") {
            let foreign = settings.map(\.name).filter { PolicyKey(rawValue: $0.text) == nil }
            if !foreign.isEmpty {
                notes.append(
                    FormNote(
                        "Keys",
                        "\(foreign.map(\.text).joined(separator: ", ")): not known here, the broker decides about it"))
            }
        }
        return notes
    }

    private func policyPriorities(_ vhost: Name) -> [Name: Int] {
        var priorities: [Name: Int] = [:]
        for item in configuration?.items ?? [] where item.kind == .policy && item.vhost == vhost {
            priorities[item.name] = item.fields?["priority"].flatMap { Int($0.text) }
        }
        return priorities
    }

    // MARK: What was created

    /// Selects what was created, as soon as the table has it.
    mutating func selectCreated() {
        guard let row = created else { return }
        switch row {
        case .queue where view == .queues && queues.row(row) != nil,
            .exchange where view == .exchanges && exchanges.row(row) != nil:
            apply(.item(row), to: view)
            created = nil
        default: break
        }
    }
}
