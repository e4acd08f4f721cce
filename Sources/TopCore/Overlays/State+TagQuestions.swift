import Names

/// The questions before operations on all tagged rows: what is affected altogether.
extension State {
    func purgeTaggedQuestion() -> OverlayOutcome {
        let (rows, streams) = queues.taggedRows.separated { $0.details?.type == "stream" }
        guard !rows.isEmpty else {
            return .says("The tagged queues are streams and cannot be purged (400): their retention does it", .warning)
        }
        var lines = [names(rows.map(\.name.text))]
        lines.append("throws away \(total(rows.map { $0.ready?.value }, "ready message"))")
        lines.append("\(total(rows.map { $0.unacked?.value }, "unacked message")) stay with the consumers")
        lines.append("\(total(rows.map { $0.consumers?.value }, "consumer")) stay subscribed")
        if !streams.isEmpty {
            lines.append("\(counted(streams.count, "tagged stream")) cannot be purged and is left out")
        }
        return asks("Purge", rows.map { .init(.purge($0.id), for: [.queue($0.id)]) }, "purge", "queue", lines)
    }

    func deleteTaggedQuestion() -> OverlayOutcome {
        switch view {
        case .exchanges: deleteTaggedExchanges()
        case .named(let view): deleteTaggedQuestion(in: view)
        default: deleteTaggedQueues()
        }
    }

    private func deleteTaggedQueues() -> OverlayOutcome {
        let rows = queues.taggedRows
        let lines = [
            names(rows.map(\.name.text)),
            "throws away \(total(rows.map { $0.ready?.value }, "ready message"))",
            "and \(total(rows.map { $0.unacked?.value }, "unacked message"))",
            "cancels \(total(rows.map { $0.consumers?.value }, "consumer"))",
        ]
        return asks("Delete", rows.map { .init(.deleteQueue($0.id), for: [.queue($0.id)]) }, "deletion", "queue", lines)
    }

    private func deleteTaggedExchanges() -> OverlayOutcome {
        let (rows, own) = exchanges.taggedRows.separated { $0.id.name.isEmpty || $0.id.name.hasPrefix("amq.") }
        guard !rows.isEmpty else { return .says("The broker's own exchanges cannot be deleted (403)", .warning) }
        var lines = [
            names(rows.map(\.displayName)), "removes \(total(rows.map(\.bindingsOut), "binding"))",
        ]
        let used = rows.count { ($0.publishInRate ?? 0) > 0 }
        if used > 0 { lines.append("\(used) of them are published to: those channels will die") }
        if !own.isEmpty { lines.append("\(counted(own.count, "exchange")) of the broker's own: left out") }
        return asks(
            "Delete", rows.map { .init(.deleteExchange($0.id), for: [.exchange($0.id)]) }, "deletion", "exchange", lines
        )
    }

    // MARK: Connections and channels

    func closeTaggedConnectionsQuestion() -> OverlayOutcome {
        let (items, without) = connectionItems()
        guard !items.isEmpty else {
            return .says("The broker reports no connection of what is tagged", .warning)
        }
        return .shows(.confirmation(connectionsConfirmation(items, without: without)))
    }

    private func connectionsConfirmation(_ items: [OperationBatch.Item], without: Int) -> ConfirmationPrompt {
        let rows = items.map { item -> ConnectionRow? in
            guard case .closeConnection(let name, _) = item.operation else { return nil }
            return connections.row(.connection(name))
        }
        var lines = [
            names(items.map { $0.operation.connection?.text ?? "" }),
            "closes \(counted(items.count, "connection")), \(total(rows.map { $0?.channels }, "channel"))",
            "The clients get 320 CONNECTION_FORCED with this reason; most connect again.",
        ]
        if without > 0 { lines.append("\(counted(without, "tagged row")) without a known connection: left out") }
        var prompt = confirmation("Close", items, "closing", "connection", lines)
        prompt.reason = LineEditor(Self.closeReason)
        return prompt
    }

    private static let closeReason = "closed by an operator with rabbittop"

    private func connectionItems() -> ([OperationBatch.Item], without: Int) {
        items { row -> Operation? in
            let name: Name? =
                switch row {
                case .connection(let name): name
                case .channel(let id): id.connection
                case .consumer(let id): id.connection
                case .client: client.row(row)?.connection
                case .event: Name(events.row(row)?.connection)
                default: nil
                }
            return name.map { .closeConnection($0, reason: Self.closeReason) }
        }
    }

    func closeTaggedChannelsQuestion() -> OverlayOutcome {
        let why: String? =
            view == .client || options.hasRabbitmqctl
            ? nil : "the broker closes channels of others only by way of rabbitmqctl: give --rabbitmqctl COMMAND"
        var choices: [Picker.Choice] = []
        for method in CloseChannelMethod.allCases where method != .polite || view == .client {
            let (items, without) = channelItems(method)
            var lines = [names(items.map { $0.operation.title })]
            lines.append("consumers end, unacked messages return to the queues")
            if without > 0 { lines.append("\(counted(without, "tagged row")) without a channel: left out") }
            choices.append(
                Picker.Choice(
                    label: method.label, hint: method.hint,
                    disabled: items.isEmpty ? "no channel is known" : method == .polite ? nil : why,
                    effect: .ask(confirmation("Close", items, "closing", "channel", lines + [method.consequence]))))
        }
        let (connections, without) = connectionItems()
        choices.append(
            Picker.Choice(
                label: "Close their connections instead", hint: "all their channels go with them",
                disabled: connections.isEmpty ? "no connection is known" : nil,
                effect: .ask(connectionsConfirmation(connections, without: without))))
        let possible = choices.firstIndex { $0.disabled == nil } ?? 0
        return .lists(
            Picker(
                title: "Close the channels of \(counted(taggedCount, "tagged row"))", choices: choices,
                selected: possible))
    }

    private func channelItems(_ method: CloseChannelMethod) -> ([OperationBatch.Item], without: Int) {
        items { row -> Operation? in
            switch row {
            case .channel(let id): return .closeChannel(id, method)
            case .consumer(let id): return id.channel.map { Operation.closeChannel($0, method) }
            case .client(let id):
                guard let ours = client.row(row), let number = ours.channel else { return nil }
                if ours.isHeld, !id.isAttached { return .closeClientChannel(id, method) }
                return .closeChannel(ChannelID(connection: ours.connection, number: number), method)
            default: return nil
            }
        }
    }

    /// Returns an operation for the tagged rows of the view, each once, and the number of rows without one.
    private func items(_ operation: (RowID) -> Operation?) -> ([OperationBatch.Item], without: Int) {
        var items: [OperationBatch.Item] = []
        var places: [BatchTarget: Int] = [:]
        var without = 0
        for row in table(of: view)?.taggedIDs ?? [] {
            guard let operation = operation(row) else {
                without += 1
                continue
            }
            let target = BatchTarget(operation)
            if let target, let place = places[target] {
                items[place].rows.append(row)
            } else {
                if let target { places[target] = items.count }
                items.append(OperationBatch.Item(operation, for: [row]))
            }
        }
        return (items, without)
    }

    // MARK: Words

    /// - Parameter nouns: The noun for more than one, where an s does not make it.
    func asks(
        _ verb: String, _ items: [OperationBatch.Item], _ deed: String, _ noun: String, _ lines: [String],
        nouns: String? = nil, undo: String = "This cannot be undone."
    ) -> OverlayOutcome {
        .asks(confirmation(verb, items, deed, noun, lines, nouns: nouns, undo: undo))
    }

    private func confirmation(
        _ verb: String, _ items: [OperationBatch.Item], _ deed: String, _ noun: String, _ lines: [String],
        nouns: String? = nil, undo: String = "This cannot be undone."
    ) -> ConfirmationPrompt {
        let many = nouns.map { "\(ValueFormat.grouped(items.count)) \($0)" }
        let what = items.count == 1 ? counted(1, noun) : many ?? counted(items.count, noun)
        var lines = lines
        let hidden = table(of: view)?.hiddenTagCount ?? 0
        if hidden > 0 {
            lines.append("\(ValueFormat.grouped(hidden)) of the tagged rows are not on this screen's list.")
        }
        lines.append("They are done one after the other; Esc stops between two. \(undo)")
        return ConfirmationPrompt(
            title: "\(verb) \(what)?", lines: lines, confirmLabel: "\(verb) \(ValueFormat.grouped(items.count))",
            operation: .batch(OperationBatch(title: "\(deed) of \(what)", view: view, items: items)))
    }

    /// The first names of a list, and how many more there are.
    func names(_ names: [String]) -> String {
        let shown = names.prefix(3).joined(separator: ", ")
        return names.count > 3 ? "\(shown) and \(ValueFormat.grouped(names.count - 3)) more" : shown
    }

    /// `1,234 ready messages`, with the number of rows of which that is not known.
    private func total(_ figures: [Int?], _ noun: String) -> String {
        let known = figures.compactMap(\.self)
        guard !known.isEmpty else { return "\(noun)s (how many is not known)" }
        let unknown = figures.count - known.count
        let sum = counted(Int.sum(known), noun)
        return unknown > 0 ? "\(sum) (and those of \(ValueFormat.grouped(unknown)) more, not known)" : sum
    }
}

/// The channel or connection that an operation of a batch closes, which several rows may share.
private enum BatchTarget: Hashable {
    case channel(ChannelID)
    case connection(Name)

    init?(_ operation: Operation) {
        switch operation {
        case .closeChannel(let id, _): self = .channel(id)
        case .closeConnection(let name, _): self = .connection(name)
        default: return nil
        }
    }
}

extension Array {
    /// Returns the elements that do not have a property, and those that have it.
    fileprivate func separated(_ hasProperty: (Element) -> Bool) -> (without: [Element], with: [Element]) {
        (filter { !hasProperty($0) }, filter(hasProperty))
    }
}
