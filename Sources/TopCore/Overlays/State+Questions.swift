import Foundation
import Names

/// The questions before operations: what is affected, and whether the operation is possible.
extension State {
    func purgeQuestion() -> OverlayOutcome {
        guard let id = targetQueue else { return .stays }
        let row = queues.row(.queue(id))
        if row?.details?.type == "stream" {
            return .says("\(id.name) is a stream and cannot be purged (400): let its retention limits do it", .warning)
        }
        var lines = [place(of: id), "throws away \(figure(row?.ready, "ready message"))"]
        if let unacked = row?.unacked, unacked.value > 0 {
            let stay = unacked.value == 1 ? "stays" : "stay"
            lines.append("\(counted(unacked.value, "unacked message")) \(stay) with the consumers")
        }
        lines.append(
            "\(figure(row?.consumers, "consumer")) \(row?.consumers?.value == 1 ? "stays" : "stay") subscribed")
        lines.append("This cannot be undone.")
        return .asks(
            ConfirmationPrompt(title: "Purge \(id.name)?", lines: lines, confirmLabel: "Purge", operation: .purge(id)))
    }

    func deleteQuestion() -> OverlayOutcome {
        switch selectedID {
        case .queue(let id): deleteQuestion(queue: id)
        case .exchange(let id): deleteQuestion(exchange: id)
        case .named: deleteNamedQuestion()
        default: .stays
        }
    }

    private func deleteQuestion(queue id: EntityID) -> OverlayOutcome {
        let row = queues.row(.queue(id))
        var lines = [
            place(of: id),
            "throws away \(figure(row?.ready, "ready message")) and \(figure(row?.unacked, "unacked message"))",
            "cancels \(figure(row?.consumers, "consumer"))",
        ]
        if let bindings = knownBindings(of: .queue(id)) { lines.append("removes \(counted(bindings, "binding"))") }
        if let exchange = row?.details?.deadLetterExchange {
            lines.append("nothing is dead-lettered to \(exchange)")
        }
        lines.append("This cannot be undone.")
        return .asks(
            ConfirmationPrompt(
                title: "Delete queue \(id.name)?", lines: lines, confirmLabel: "Delete", operation: .deleteQueue(id)))
    }

    private func deleteQuestion(exchange id: EntityID) -> OverlayOutcome {
        if id.name.isEmpty { return .says("The default exchange cannot be deleted", .warning) }
        if id.name.hasPrefix("amq.") {
            return .says("\(id.name) is one of the broker's own exchanges and cannot be deleted (403)", .warning)
        }
        let row = exchanges.row(.exchange(id))
        var lines = [place(of: id)]
        if let bindings = row?.bindingsOut ?? knownBindings(of: .exchange(id)) {
            lines.append("removes \(counted(bindings, "binding"))")
        } else {
            lines.append("removes its bindings: how many is not known")
        }
        if let rate = row?.publishInRate, rate > 0 {
            lines.append("\(ValueFormat().rate(rate)) messages a second are published to it: their channels will die")
        }
        lines.append("This cannot be undone.")
        return .asks(
            ConfirmationPrompt(
                title: "Delete exchange \(id.name)?", lines: lines, confirmLabel: "Delete",
                operation: .deleteExchange(id)))
    }

    // MARK: Channels and connections

    func closeChannelQuestion() -> OverlayOutcome {
        guard let id = targetChannel else { return .stays }
        let known: ClientRow? =
            view == .client
            ? client.selected
            : client.rows.first { $0.connection == id.connection && $0.channel == id.number }
        // A client of another process, or one that does not hold the channel, cannot close it.
        let ours = known.flatMap { $0.id.isAttached || !$0.isHeld ? nil : $0 }
        let isLocal = ours != nil || channels.row(.channel(id))?.local == true
        func operation(_ method: CloseChannelMethod) -> Operation {
            if view == .client, let ours { return .closeClientChannel(ours.id, method) }
            return .closeChannel(id, method)
        }
        let why: String? =
            isLocal || options.hasRabbitmqctl
            ? nil : "the broker closes channels of others only by way of rabbitmqctl: give --rabbitmqctl COMMAND"
        var choices = CloseChannelMethod.allCases.map { method in
            Picker.Choice(
                label: method.label, hint: method.hint,
                disabled: method == .polite ? (isLocal ? nil : Self.impolite(known)) : why,
                effect: .ask(channelConfirmation(id, method, operation(method), isLocal: isLocal)))
        }
        if let choice = closeThroughProxy(id) { choices.append(choice) }
        choices.append(
            Picker.Choice(
                label: "Close its connection instead", hint: "all its channels go with it",
                effect: .ask(connectionConfirmation(id.connection))))
        let possible = choices.firstIndex { $0.disabled == nil } ?? 0
        var lines = channelLines(id, isLocal: isLocal)
        if possible == choices.count - 1, let why { lines.append("This channel cannot be closed alone: \(why).") }
        return .lists(
            Picker(title: "Close channel \(id.number)", lines: lines, choices: choices, selected: possible))
    }

    private static func impolite(_ row: ClientRow?) -> String {
        row?.process == nil ? "only channels of ours can be closed politely" : "only its own process can do that"
    }

    private func channelConfirmation(
        _ id: ChannelID, _ method: CloseChannelMethod, _ operation: Operation, isLocal: Bool
    ) -> ConfirmationPrompt {
        var lines = channelLines(id, isLocal: isLocal)
        lines.append(method.consequence)
        return ConfirmationPrompt(
            title: "Close channel \(id.number)?", lines: lines, confirmLabel: "Close channel", operation: operation)
    }

    private func channelLines(_ id: ChannelID, isLocal: Bool) -> [String] {
        let row = channels.row(.channel(id))
        var lines = ["channel \(id.number) of \(id.connection)"]
        if let name = row?.clientName { lines.append("client \(name)") }
        if isLocal { lines.append("It is one of rabbittop's own.") }
        var hit: [String] = []
        // The client knows the state of its own channels immediately; the broker's statistics lag by seconds.
        let ours = client.rows.first { $0.connection == id.connection && $0.channel == id.number && $0.isHeld }
        if let process = ours?.process { lines.append("It belongs to the attached process \(process).") }
        let consumers = ours?.consumers ?? row?.consumers ?? known(consumers.rows.count { $0.id.channel == id })
        if let consumers { hit.append("ends \(counted(consumers, "consumer"))") }
        if let unacked = ours?.unacked ?? row?.unacked {
            hit.append("returns \(counted(unacked, "unacked message")) to the queues")
        }
        lines.append(hit.isEmpty ? "its consumers end; how many is not known" : hit.joined(separator: ", "))
        return lines
    }

    func closeConnectionQuestion() -> OverlayOutcome {
        targetConnection.map { .asks(connectionConfirmation($0)) } ?? .stays
    }

    /// Returns the question before a connection is closed, with what is known to depend on it.
    func connectionConfirmation(_ name: Name, because why: String? = nil) -> ConfirmationPrompt {
        let row = connections.row(.connection(name))
        let channelRows = channels.rows.filter { $0.id.connection == name }
        var lines: [String] = []
        if let why { lines.append("The channel cannot be closed alone: \(why).") }
        let who = [row?.clientName ?? channelRows.lazy.compactMap(\.clientName).first, row?.user.map { "user \($0)" }]
        let known = who.compactMap(\.self)
        if !known.isEmpty { lines.append(known.joined(separator: ", ")) }
        let clients = client.rows.filter { $0.connection == name }
        if clients.contains(where: { !$0.id.isAttached }) || channelRows.contains(where: \.local) {
            lines.append("It is one of rabbittop's own connections.")
        } else if let process = clients.lazy.compactMap(\.process).first {
            lines.append("It belongs to the attached process \(process).")
        }
        let consumerCount: Int? =
            channelRows.isEmpty
            ? self.known(consumers.rows.count { $0.id.connection == name })
            : Int.sum(channelRows.map { $0.consumers ?? 0 })
        let channelCount = row?.channels ?? self.known(channelRows.count)
        lines.append(
            "closes 1 connection, \(channelCount.map { counted($0, "channel") } ?? "channels: not known"), "
                + (consumerCount.map { counted($0, "consumer") } ?? "consumers: not known"))
        lines.append("The client gets 320 CONNECTION_FORCED with this reason; most clients connect again.")
        let reason = "closed by an operator with rabbittop"
        return ConfirmationPrompt(
            title: "Close connection \(name)?", lines: lines, confirmLabel: "Close connection",
            operation: .closeConnection(name, reason: reason), reason: LineEditor(reason))
    }

    func vhostList() -> OverlayOutcome {
        var names = vhosts
        if names.isEmpty { names = Set(queues.rows.map(\.vhost)).sorted() }
        if let vhost, !names.contains(vhost) { names.append(vhost) }
        var choices = [Picker.Choice(label: "all vhosts", effect: .vhost(nil))]
        choices += names.map { Picker.Choice(label: $0.text, effect: .vhost($0)) }
        let here = vhost.flatMap { names.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        return .lists(Picker(title: "Virtual host", choices: choices, selected: here))
    }

    // MARK: Words

    /// Returns a count of known rows; `nil` for none, because rows that are not known may exist.
    private func known(_ count: Int) -> Int? { count == 0 ? nil : count }

    func place(of id: EntityID) -> String { "in vhost \(id.vhost)" }

    func counted(_ count: Int, _ noun: String) -> String {
        "\(ValueFormat.grouped(count)) \(noun)\(count == 1 ? "" : "s")"
    }

    /// `1,234 ready messages (2s old, amqp)`
    private func figure(_ figure: Measured<Int>?, _ noun: String) -> String {
        guard let figure else { return "\(noun)s (how many is not known)" }
        let age = max(0, now.timeIntervalSince(figure.at)).rounded(.down)
        let count = counted(figure.value, noun)
        return age < 2 ? count : "\(count) (\(ValueFormat().duration(age)) ago)"
    }

    private func knownBindings(of row: RowID) -> Int? {
        guard let detail, detail.row == row else { return nil }
        return detail.sections.first { $0.title.lowercased().contains("binding") }?.fields.count
    }
}

extension CloseChannelMethod {
    var label: String {
        switch self {
        case .polite: "Politely"
        case .notFound: "By 404 NOT_FOUND"
        case .preconditionFailed: "By 406 PRECONDITION_FAILED"
        }
    }

    var hint: String {
        switch self {
        case .polite: "channel.close by our own client"
        case .notFound: "the broker raises it: a queue that is not there"
        case .preconditionFailed: "the broker raises it: an unknown delivery tag"
        }
    }

    var consequence: String {
        switch self {
        case .polite: "The channel closes as if its application had closed it."
        case .notFound: "The client sees a channel error 404 NOT_FOUND; its other channels live on."
        case .preconditionFailed: "The client sees a channel error 406 PRECONDITION_FAILED; its other channels live on."
        }
    }
}
