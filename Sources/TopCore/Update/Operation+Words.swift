import Faults
import Names

extension Operation {
    /// The operation's name in its progress line and in the ledger: `purge of orders`.
    public var title: String {
        switch self {
        case .publish(let request):
            "publish to \(request.exchange.isEmpty ? request.routingKey : request.exchange)"
        case .consume(let request): "consumer on \(request.queue.name)"
        case .closeChannel(let id, let method): "\(method.words) of channel \(id.number) of \(id.connection)"
        case .closeClientChannel(let id, let method): "\(method.words) of our channel \(id.channel ?? 0)"
        case .closeConnection(let name, _): "close of connection \(name)"
        case .purge(let id): "purge of \(id.name)"
        case .deleteQueue(let id): "deletion of queue \(id.name)"
        case .deleteExchange(let id): "deletion of exchange \(id.name)"
        case .messages(let operation): operation.title
        case .change(let change): change.title
        case .injectFault(let fault):
            ["fault \(fault.name)", fault.aim.map { "on \($0)" }].compactMap(\.self).joined(separator: " ")
        case .undoFault(let id): "undo of fault #\(id)"
        case .undoFaults: "undo of all faults"
        case .batch(let batch): batch.title
        case .runLab(let order): "lab \(order.id.words)"
        case .write: "write"
        case .saveScreen: "saved the set-up"
        }
    }

    /// Whether the operation injects or undoes faults.
    var isOfFaults: Bool {
        switch self {
        case .injectFault, .undoFault, .undoFaults: true
        case .publish, .consume, .closeChannel, .closeClientChannel, .closeConnection, .purge, .deleteQueue,
            .deleteExchange, .messages, .change, .batch, .runLab, .write, .saveScreen:
            false
        }
    }

    /// Returns the result without the name that the title already contains: `#3: in force`.
    func remark(_ text: String) -> String {
        guard case .injectFault(let fault) = self, text.utf8.starts(with: "\(fault.name) #".utf8) else { return text }
        return String(text.dropFirst(fault.name.count + 1))
    }

    var vhost: Name? {
        switch self {
        case .publish(let request): request.vhost
        case .consume(let request): request.queue.vhost
        case .purge(let id), .deleteQueue(let id), .deleteExchange(let id): id.vhost
        case .messages(let operation): operation.queue.vhost
        case .injectFault(let fault): Name(fault.selector.virtualHost)
        case .change(let change): change.vhost
        case .closeChannel, .closeClientChannel, .closeConnection, .batch, .undoFault, .undoFaults, .runLab, .write,
            .saveScreen:
            nil
        }
    }

    var queue: Name? {
        switch self {
        case .consume(let request): request.queue.name
        case .purge(let id), .deleteQueue(let id): id.name
        case .messages(let operation): operation.queue.name
        case .injectFault(let fault): Name(fault.selector.queue)
        case .change(.declareQueue(let queue)): queue.id.name
        case .change: nil
        case .publish, .closeChannel, .closeClientChannel, .closeConnection, .deleteExchange, .batch, .undoFault,
            .undoFaults, .runLab, .write, .saveScreen:
            nil
        }
    }

    var connection: Name? {
        switch self {
        case .closeChannel(let id, _): id.connection
        case .closeConnection(let name, _): name
        case .injectFault(let fault): Name(fault.selector.connection).flatMap { $0.contains(" -> ") ? $0 : nil }
        case .publish, .consume, .closeClientChannel, .purge, .deleteQueue, .deleteExchange, .messages, .change, .batch,
            .undoFault, .undoFaults, .runLab, .write, .saveScreen:
            nil
        }
    }

    var channel: Int? {
        switch self {
        case .closeChannel(let id, _): id.number
        case .closeClientChannel(let id, _): id.channel
        case .injectFault(let fault): fault.selector.channel
        case .publish, .consume, .closeConnection, .purge, .deleteQueue, .deleteExchange, .messages, .change, .batch,
            .undoFault,
            .undoFaults, .runLab, .write, .saveScreen:
            nil
        }
    }
}

extension CloseChannelMethod {
    var words: String {
        switch self {
        case .polite: "close"
        case .notFound: "404 NOT_FOUND"
        case .preconditionFailed: "406 PRECONDITION_FAILED"
        }
    }
}
