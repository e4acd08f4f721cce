import MessageRouting
import Names

extension State {
    /// The queue or exchange of which it is asked where its messages come from: that of the list of places that is
    /// open.
    var incomingQuestion: RowID? {
        guard isPresent, case .picker(let picker)? = overlay, case .places(let row) = picker.kind else { return nil }
        return subject(of: row)
    }

    /// The queue or exchange that a row shows; `nil` for any other.
    private func subject(of row: RowID) -> RowID? {
        switch row {
        case .queue, .exchange: row
        case .named(let id) where id.view == .topology:
            named.topology.row(row).flatMap { $0.kind == .vhost ? nil : $0.target }
        case .overview, .connection, .channel, .consumer, .node, .event, .client, .lab, .named: nil
        }
    }

    /// Takes where messages come from, and completes the list that is open.
    mutating func take(_ part: IncomingPart) {
        incoming = part
        guard case .picker(var picker)? = overlay, case .places(let row) = picker.kind, subject(of: row) == part.row
        else { return }
        let before = picker.choices.indices.contains(picker.selected) ? picker.choices[picker.selected] : nil
        picker.choices = places(of: row)
        let same = picker.choices.firstIndex { $0.label == before?.label && $0.effect == before?.effect }
        picker.selected =
            same ?? picker.choices.firstIndex { $0.label == before?.label }
            ?? picker.choices.firstIndex { $0.disabled == nil } ?? 0
        overlay = .picker(picker)
    }

    private func answer(about row: RowID) -> IncomingPart? {
        incoming.flatMap { $0.row == row ? $0 : nil }
    }

    /// The most publishers and sources that are listed one by one.
    private static let mostListed = 20

    /// Adds the channels that publish to a queue or an exchange.
    func addPublishers(of row: RowID, in vhost: Name, to list: inout PlaceList) {
        let answer = answer(about: row)
        let known = answer?.publishers ?? []
        for publisher in known.prefix(Self.mostListed) {
            list.add("publisher", .row(.channel(publisher.channel)), hint: words(publisher, to: row))
        }
        if known.isEmpty, case .exchange(let id) = row {
            // The details of channels tell it, too.
            for channel in channels.rows.filter({ $0.publishes?.contains { $0.exchange == id } ?? false })
                .prefix(Self.mostListed)
            {
                list.add(
                    "publisher", .row(.channel(channel.id)),
                    hint: "\(channel.clientName ?? channel.id.connection) channel \(channel.id.number)")
            }
        }
        var hint = known.isEmpty ? "channels that publish in its vhost" : "all channels that publish in its vhost"
        if let why = whyNoPublishers(answer, isKnown: !known.isEmpty) { hint += "; \(why)" }
        if answer?.isCut == true { hint += "; not all exchanges on the way were asked" }
        list.add("publishers", .condition(.channels, "publish_rate > 0 and vhost = \(Lead.quoted(vhost))"), hint: hint)
    }

    private func whyNoPublishers(_ answer: IncomingPart?, isKnown: Bool) -> String? {
        guard !isKnown, isPresent else { return nil }
        guard let answer else { return "asking whose…" }
        if let problem = answer.problem { return "whose is not known: \(problem)" }
        return cluster?.ratesMode == "detailed"
            ? "none of them publishes to it" : "the broker tells whose with rates mode 'detailed'"
    }

    private func words(_ publisher: IncomingPart.Publisher, to row: RowID) -> String {
        let id = publisher.channel
        let name = channels.row(.channel(id))?.clientName ?? connections.row(.connection(id.connection))?.clientName
        var parts = ["\(name ?? id.connection) channel \(id.number)"]
        if case .queue = row { parts.append("through \(publisher.exchange.exchangeName)") }
        if let rate = publisher.rate { parts.append("\(ValueFormat().rate(rate))/s") }
        return parts.joined(separator: ", ")
    }

    // MARK: Dead letters

    /// Adds the queues whose dead letters come to this one: by their arguments and policies, and the bindings of this
    /// queue.
    func addDeadLetterSources(of id: EntityID, to list: inout PlaceList) {
        let label = "dead-letter sources"
        guard let ways = deadLetterWays(to: id) else {
            let problem = answer(about: .queue(id))?.problem
            return list.add(
                label, nil,
                unless: problem.map { "not known: \($0)" }
                    ?? (isPresent ? "asking for its bindings…" : "its bindings are not known"))
        }
        var feeding: [QueueRow] = []
        var unknown = 0
        for row in queues.rows where row.vhost == id.vhost {
            guard let details = row.details else {
                unknown += 1
                continue
            }
            if ways.lead(from: details) { feeding.append(row) }
        }
        let doubt = unknown > 0 ? ", of those whose arguments are known" : ""
        guard let first = feeding.first else {
            return list.add(label, nil, unless: "no queue sends its dead letters here" + doubt)
        }
        let exchanges = Set(feeding.compactMap { $0.details?.deadLetterExchange }).sorted()
        let through = exchanges.prefix(2).map { $0.isEmpty ? "(default)" : $0.text }.joined(separator: ", ")
        let more = exchanges.count > 2 ? ", …" : ""
        let hint = "\(counted(feeding.count, "queue")) through \(through)\(more)\(doubt)"
        list.add(label, feeding.count == 1 ? .row(.queue(first.id)) : lead(to: feeding, exchanges), hint: hint)
    }

    /// Names the queues, or where these are too many the exchanges of their dead letters.
    private func lead(to feeding: [QueueRow], _ exchanges: [Name]) -> Lead {
        let vhost = "vhost = \(Lead.quoted(feeding[0].vhost))"
        if feeding.count <= Self.mostListed {
            let names = feeding.map(\.id.name).sorted().map { "name = \(Lead.quoted($0))" }
            let text = "\(vhost) and (\(names.joined(separator: " or ")))"
            if text.utf8.count <= Condition.longest { return .condition(.queues, text) }
        }
        let some = exchanges.prefix(Self.mostListed).map { "dead_letter_exchange = \(Lead.quoted($0))" }
        return .condition(.queues, "\(vhost) and (\(some.joined(separator: " or ")))")
    }

    private func deadLetterWays(to id: EntityID) -> DeadLetterWays? {
        if let answer = answer(about: .queue(id)), answer.problem == nil {
            return DeadLetterWays(
                queue: id.name, bindings: answer.bindings, kinds: answer.kinds, farther: answer.farther)
        }
        let shown = named.bindings.rows.filter {
            $0.destinationKind == .queue && $0.destination == id.name && $0.vhost == id.vhost
        }
        return shown.isEmpty ? nil : DeadLetterWays(queue: id.name, bindings: shown, kinds: [:], farther: [])
    }
}

/// Decides whether dead letters come to a queue.
private struct DeadLetterWays {
    let queue: Name
    let bindings: [BindingRow]
    /// The types of exchanges, as far as they are known.
    let kinds: [Name: String]
    let farther: Set<Name>

    /// Whether the dead letters of a queue may come here. Those without a key of their own keep that of the message,
    /// which is not known.
    func lead(from details: QueueDetails) -> Bool {
        guard let exchange = details.deadLetterExchange else { return false }
        // The default exchange passes them on to the queue of their key.
        guard !exchange.isEmpty else { return details.deadLetterKey == queue }
        if farther.contains(exchange) { return true }
        return bindings.contains { binding in
            guard binding.source == exchange else { return false }
            guard let key = details.deadLetterKey else { return true }
            return switch kinds[exchange] {
            case "direct": binding.routingKey == key
            case "topic": TopicPattern(binding.routingKey).matches(key)
            default: true
            }
        }
    }
}
