import RabbitMQClient

/// What ends a transfer.
struct TransferFailure: Error, Sendable {
    var what: String
    var advice: String?
    var kind = TransferReport.Kind.other

    init(_ what: String, advice: String? = nil, kind: TransferReport.Kind = .other) {
        self.what = what
        self.advice = advice
        self.kind = kind
    }

    init(_ error: ClientError) {
        guard case .failed(let what, let advice, let kind) = OperationRun.failed(error) else {
            self.init(error.message, advice: error.advice)
            return
        }
        let mapped: TransferReport.Kind =
            switch kind {
            case .unreachable: .unreachable
            case .notPermitted: .notPermitted
            case .other: .other
            }
        self.init(what, advice: advice, kind: mapped)
    }
}
