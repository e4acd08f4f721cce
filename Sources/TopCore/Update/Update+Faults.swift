import Faults

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

extension State {
    /// Shows the faults that fit the selected row, grouped by injection point.
    mutating func askFault() {
        guard let target = faultTarget else { return }
        let injectionPoints = options.faults.injectionPoints
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
                let isAlone = description.needsCluster && nodes.rows.count == 1
                return Picker.Choice(
                    label: description.title,
                    hint: description.name + (description.isDestructive ? ", asks first" : ""),
                    disabled: isAlone ? "needs a cluster: rabbittop demo --nodes 3" : nil,
                    effect: .fault(description.name, target), group: injectionPoint.heading, about: description.does)
            }
        }
        guard !choices.isEmpty else { return tell("No fault fits \(target.title)") }
        var picker = Picker(title: "Fault: \(target.title)", choices: choices, filter: LineEditor())
        picker.selected = choices.firstIndex { $0.disabled == nil } ?? 0
        overlay = .picker(picker)
    }

    /// Returns the notes of a fault's form: what the fault affects, what undoing does, and what the application will
    /// see.
    public func notes(for form: Form) -> [FormNote] {
        guard case .fault(let name) = form.purpose, let description = FaultCatalogue[name] else { return [] }
        var reader = FaultFormReader(form: form, description: description)
        let fault = reader.fault()
        var notes = [FormNote("Reach", FaultReach(self, fault, description).words)]
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

    /// Injects the fault that the form describes, or marks the invalid fields; asks for confirmation when the effect
    /// cannot be undone.
    mutating func submitFault(_ form: Form, _ name: String) -> [Action] {
        guard let description = FaultCatalogue[name] else {
            closeOverlay()
            return []
        }
        var reader = FaultFormReader(form: form, description: description)
        let fault = reader.fault()
        if reader.form.fields.allSatisfy({ $0.problem == nil }) {
            do throws(FaultError) {
                _ = try FaultCatalogue.order(fault)
            } catch {
                if let first = reader.form.fields.first { reader.note(first.key, error.description) }
            }
        }
        if let first = reader.form.fields.firstIndex(where: { $0.problem != nil }) {
            reader.form.focus = first
            overlay = .form(reader.form)
            return []
        }
        guard description.isDestructive else {
            closeOverlay()
            return start(.injectFault(fault))
        }
        overlay = .confirmation(
            ConfirmationPrompt(
                title: "\(description.title)?",
                lines: [
                    whom(fault), FaultReach(self, fault, description).words, description.does,
                    description.undo ?? "This cannot be undone.",
                ].compactMap(\.self), confirmLabel: "Inject", operation: .injectFault(fault)))
        return []
    }

    private func whom(_ fault: Fault) -> String? {
        guard let aim = fault.aim else { return nil }
        let vhost = fault.selector.virtualHost.flatMap { "vhost \($0)" == aim ? nil : " in vhost \($0)" }
        return "on \(aim)\(vhost ?? "")"
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
}
