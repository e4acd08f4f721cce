import Faults
import RabbitMQClient

extension FaultError {
    package init(_ error: ClientError) {
        let kind: Kind =
            switch error.code {
            case .connectionRefused, .connectFailed, .tlsFailed, .handshakeTimeout, .closedDuringHandshake: .unreachable
            case .accessRefused, .virtualHostRefused: .notPermitted
            default: .failed
            }
        self.init(error.message, advice: error.advice, kind: kind)
    }
}
