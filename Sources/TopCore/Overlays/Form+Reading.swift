import Foundation
import Names

extension Form {
    /// The names of the fields, used by validation and tests.
    enum Key {
        static let exchange = "exchange"
        static let routingKey = "routing_key"
        static let count = "count"
        static let rate = "rate"
        static let size = "size"
        static let body = "body"
        static let persistent = "persistent"
        static let ttl = "expiration"
        static let mandatory = "mandatory"
        static let prefetch = "prefetch"
        static let acknowledge = "acknowledge"
        static let delay = "delay"
        static let from = "from"
    }

    /// Returns the field of this name.
    public subscript(key: String) -> Field? { fields.first { $0.key == key } }
}

extension Form {
    /// Reads the values: the operation that they describe, or the form with its invalid fields marked.
    func submitted(in state: State) -> OverlayOutcome {
        var form = self
        for index in form.fields.indices { form.fields[index].problem = nil }
        var reader = FormReader(form: form)
        let operation: Operation
        switch purpose {
        case .publish(let vhost): operation = .publish(reader.publish(vhost: vhost))
        case .consume(let queue):
            operation = .consume(reader.consume(queue, type: state.queues.row(.queue(queue))?.details?.type))
        case .messages(let purpose): return submitted(purpose, in: state)
        case .fault(let name): return FaultFlow.submitted(form, name, in: state)
        case .lab(let id): return form.submitted(toRun: id, in: state)
        case .write(let view): return form.submitted(toWrite: view, in: state)
        case .writeDifference(let difference): return form.submitted(toWrite: difference, in: state)
        case .time: return form.submittedTime(in: state)
        case .record: return form.submittedRecording()
        case .declareQueue, .declareExchange, .bind, .policy, .limits, .permission:
            return form.submitted(toChange: purpose, in: state)
        }
        return reader.form.focusOnProblem() ? .fills(reader.form) : .starts(operation)
    }

    /// Marks a field with what is wrong with it; the first problem of a field counts.
    mutating func note(_ key: String, _ problem: String) {
        guard let index = fields.firstIndex(where: { $0.key == key }), fields[index].problem == nil else { return }
        fields[index].problem = problem
    }
}

/// Reads the values of a form and marks each invalid field with its problem.
struct FormReader {
    var form: Form
    typealias Key = Form.Key

    /// The largest message body that RabbitMQ accepts with any configuration, in bytes.
    static let largestBody = 134_217_728
    /// The maximum length of an AMQP short string, in bytes.
    static let longestName = 255
    /// The largest prefetch count: an AMQP `short`.
    static let largestPrefetch = 65_535

    mutating func publish(vhost: Name) -> PublishRequest {
        let exchange = name(Key.exchange)
        let routingKey = name(Key.routingKey)
        let rate = positive(Key.rate)
        let count = optional(Key.count, 1...Int.max)
        if count == nil, rate == nil, text(Key.count).isEmpty {
            form.note(Key.count, "how many? Without a number it needs a rate")
        }
        let body = text(Key.body, trimmed: false)
        var size = 0
        if body.isEmpty { size = whole(Key.size, 0...Self.largestBody) }
        var request = PublishRequest(
            vhost: vhost, exchange: exchange, routingKey: routingKey, count: count, rate: rate,
            body: body.isEmpty ? .size(size) : .text(body))
        request.persistent = form[Key.persistent]?.isOn ?? false
        request.expiration = optional(Key.ttl, 0...Int(UInt32.max))
        request.mandatory = form[Key.mandatory]?.isOn ?? true
        return request
    }

    mutating func consume(_ queue: EntityID, type: String?) -> ConsumeRequest {
        let prefetch = whole(Key.prefetch, 0...Self.largestPrefetch)
        let mode = ConsumeRequest.Acknowledge(rawValue: text(Key.acknowledge)) ?? .manual
        let delay = whole(Key.delay, 0...3_600_000)
        if type == "stream" {
            if prefetch == 0 { form.note(Key.prefetch, "a stream needs a prefetch of 1 or more") }
            switch mode {
            case .manual, .never: break
            case .automatic, .requeue, .reject: form.note(Key.acknowledge, "a stream takes manual or never")
            }
        }
        return ConsumeRequest(queue: queue, prefetch: prefetch, acknowledge: mode, delay: delay)
    }

    func text(_ key: String, trimmed: Bool = true) -> String {
        let text = form[key]?.editor.text ?? ""
        guard trimmed else { return text }
        return text.trimmingCharacters(in: .whitespaces)
    }

    /// Returns a name as typed, including blanks.
    mutating func name(_ key: String) -> Name {
        let name = Name(text(key, trimmed: false))
        if name.count > Self.longestName { form.note(key, "at most \(Self.longestName) bytes") }
        return name
    }

    mutating func whole(_ key: String, _ range: ClosedRange<Int>) -> Int {
        guard let value = Int(text(key)), range.contains(value) else {
            form.note(key, "a whole number\(Self.words(range))")
            return range.lowerBound
        }
        return value
    }

    private mutating func optional(_ key: String, _ range: ClosedRange<Int>) -> Int? {
        text(key).isEmpty ? nil : whole(key, range)
    }

    mutating func positive(_ key: String) -> Double? {
        let text = text(key)
        guard !text.isEmpty else { return nil }
        guard let value = Double(text), value.isFinite, value > 0, value <= 1_000_000 else {
            form.note(key, "a number above 0, at most 1,000,000")
            return nil
        }
        return value
    }

    private static func words(_ range: ClosedRange<Int>) -> String {
        range.upperBound == .max
            ? ", \(range.lowerBound) or more"
            : " from \(ValueFormat.grouped(range.lowerBound)) to \(ValueFormat.grouped(range.upperBound))"
    }
}
