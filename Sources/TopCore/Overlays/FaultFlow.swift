import Faults

/// The steps from a key to a fault: a list of those that fit the row, the form of the chosen one, and a question where it
/// cannot be undone. Each step is an overlay, and its outcome shows the next.
enum FaultFlow {
    /// Returns the first step: the faults that fit the selected row, grouped by injection point.
    static func list(in state: State) -> OverlayOutcome {
        guard let target = state.faultTarget else { return .stays }
        let injectionPoints = state.options.faults.injectionPoints
        var choices: [Picker.Choice] = []
        for injectionPoint in FaultDescription.InjectionPoint.listed {
            let fitting = FaultCatalogue.all.filter {
                $0.injectionPoint == injectionPoint && !$0.targets.isDisjoint(with: target.kinds)
            }
            guard !fitting.isEmpty else { continue }
            guard injectionPoints.contains(injectionPoint) else {
                choices.append(
                    Picker.Choice(
                        label: "\(fitting.count) more", disabled: injectionPoint.need, effect: .none,
                        group: injectionPoint.heading))
                continue
            }
            choices += fitting.map { description in
                let isAlone = description.needsCluster && state.nodes.rows.count == 1
                return Picker.Choice(
                    label: description.title,
                    hint: description.name + (description.isDestructive ? ", asks first" : ""),
                    disabled: isAlone ? "needs a cluster: rabbittop demo --nodes 3" : nil,
                    effect: .fault(description.name, target), group: injectionPoint.heading, about: description.does)
            }
        }
        guard !choices.isEmpty else { return .says("No fault fits \(target.title)", .info) }
        var picker = Picker(title: "Fault: \(target.title)", choices: choices, filter: LineEditor())
        picker.selected = choices.firstIndex { $0.disabled == nil } ?? 0
        return .lists(picker)
    }

    /// Returns the second step: the parameters of a fault.
    static func form(of name: String, at target: FaultTarget) -> OverlayOutcome {
        FaultCatalogue[name].map { .fills(Form($0, at: target)) } ?? .stays
    }

    /// Returns the last step: the fault that the form describes is injected, or its invalid fields are marked. What
    /// cannot be undone is confirmed first.
    static func submitted(_ form: Form, _ name: String, in state: State) -> OverlayOutcome {
        guard let description = FaultCatalogue[name] else { return .closes }
        var reader = state.reader(of: form, description)
        let fault = reader.fault()
        if reader.form.fields.allSatisfy({ $0.problem == nil }) {
            do throws(FaultError) {
                _ = try FaultCatalogue.order(fault)
            } catch {
                if let first = reader.form.fields.first { reader.form.note(first.key, error.description) }
            }
        }
        if reader.form.focusOnProblem() { return .fills(reader.form) }
        guard description.isDestructive else { return .starts(.injectFault(fault)) }
        return .asks(
            ConfirmationPrompt(
                title: "\(description.title)?",
                lines: [
                    whom(fault), FaultReach(state, fault, description).words, description.does,
                    description.undo ?? "This cannot be undone.",
                ].compactMap(\.self), confirmLabel: "Inject", operation: .injectFault(fault)))
    }

    private static func whom(_ fault: Fault) -> String? {
        guard let aim = fault.aim else { return nil }
        let vhost = fault.selector.virtualHost.flatMap { "vhost \($0)" == aim ? nil : " in vhost \($0)" }
        return "on \(aim)\(vhost ?? "")"
    }
}

extension State {
    /// Returns the notes of a form. A fault's says what the fault affects, what undoing does, and what the application
    /// will see; the one for publishing where the message would go.
    public func notes(for form: Form) -> [FormNote] {
        if let question = RouteQuestion(form) { return [note(on: question)] }
        if case .policy(let vhost) = form.purpose { return note(onPolicy: form, vhost: vhost) }
        guard case .fault(let name) = form.purpose, let description = FaultCatalogue[name] else { return [] }
        var reader = self.reader(of: form, description)
        let fault = reader.fault()
        var notes = note(on: fault, reader.form).map { [$0] } ?? []
        notes.append(FormNote("Reach", FaultReach(self, fault, description).words))
        notes.append(FormNote("The application sees", Self.sight(fault, description, reader.form)))
        if let undo = description.undo {
            let duration = fault.duration ?? description.defaultDuration
            let end = duration.map { " By itself after \(ValueFormat().duration($0))." } ?? " When somebody undoes it."
            notes.append(FormNote("Undo", undo + end))
        } else {
            notes.append(
                FormNote(
                    "Undo", description.isDestructive ? "It cannot be undone." : "It happens once, and is not undone."))
        }
        return notes
    }

    /// Returns what the application will see, with the code and text that were entered.
    private static func sight(_ fault: Fault, _ description: FaultDescription, _ form: Form) -> String {
        func value(_ name: String) -> FaultValue? {
            // A value being corrected is ignored.
            if description[parameter: name].flatMap({ form[Form.Key.parameter($0)]?.problem }) != nil { return nil }
            return fault.parameters[name] ?? description[parameter: name]?.value
        }
        guard case .integer(let code) = value("code") else { return description.application }
        guard case .text(let text) = value("text"), !text.isEmpty else { return "\(code). \(description.application)" }
        return "\(code) \(text). \(description.application)"
    }

    /// Returns the choice of closing a channel with any code and text, when the channel passes through the proxy;
    /// otherwise `nil`.
    func closeThroughProxy(_ id: ChannelID) -> Picker.Choice? {
        guard channels.row(.channel(id))?.proxySession != nil else { return nil }
        let description = CloseChannelFault.description
        let isHere = options.faults.injectionPoints.contains(.proxy)
        var form = Form(
            description, at: faultTarget([.channel], connection: id.connection, channel: id.number))
        // The selector is the chosen channel, which is in the title.
        form.submitLabel = "Close channel"
        return Picker.Choice(
            label: "Through the proxy", hint: "any code and text, to either side or both",
            disabled: isHere ? nil : options.faults.why ?? FaultDescription.InjectionPoint.proxy.need,
            effect: .form(form))
    }

    /// Undoes the fault in force; when there are several it shows a list, with all of them as the first choice.
    func undoList() -> OverlayOutcome {
        let inForce = faultsInForce
        guard inForce.count > 1 else {
            guard let only = inForce.first else { return .says("No fault is in force", .info) }
            guard only.state != .undoing else { return .says("\(only.label) is being undone", .info) }
            return .starts(.undoFault(only.id))
        }
        var choices = [Picker.Choice(label: "all of them", hint: "\(inForce.count) faults", effect: .undo(nil))]
        choices += inForce.map { record in
            Picker.Choice(
                label: record.label, hint: hint(of: record),
                disabled: record.state == .undoing ? "being undone" : nil, effect: .undo(record.id))
        }
        return .lists(Picker(title: "Undo", choices: choices))
    }

    private func hint(of record: FaultRecord) -> String {
        var parts = record.fault.aim.map { ["on \($0)"] } ?? []
        if record.state == .undoFailed {
            parts.append("undoing it failed: \(record.note ?? "it is tried again")")
        } else if let left = record.secondsLeft(at: now) {
            parts.append("\(ValueFormat().duration(left)) left")
        } else {
            parts.append("until undone")
        }
        return parts.joined(separator: ", ")
    }
}

extension FaultDescription.InjectionPoint {
    /// The heading in a menu.
    var heading: String {
        switch self {
        case .proxy: "On the application, through the proxy"
        case .broker: "On the broker"
        case .own: "On a connection of our own"
        case .node: "On the broker's processes"
        }
    }

    /// What is required where faults of this injection point are not available.
    var need: String {
        switch self {
        case .proxy: "needs the proxy: start with --proxy PORT, and have the application connect there"
        case .broker: "needs the management API"
        case .own: "needs the broker's AMQP address"
        case .node: "needs a private broker: rabbittop demo"
        }
    }

    /// The order in menus.
    static let listed: [Self] = [.proxy, .broker, .own, .node]
}
