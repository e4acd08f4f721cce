import Faults
import RabbitMQClient
import RabbitMQManagement

extension FaultError {
    package init(_ error: ManagementError) {
        self.init(
            error.whatHappened + (error.brokerReply.map { " The broker said: \($0)." } ?? ""), advice: error.whatToDo,
            kind: Kind(error.code))
    }

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

extension FaultError.Kind {
    fileprivate init(_ code: ManagementError.Code) {
        switch code {
        case .unreachable, .tlsFailed, .otherHost, .timedOut, .truncated, .unavailable: self = .unreachable
        case .noCredentials, .badCredentials, .notPermitted, .readOnly: self = .notPermitted
        default: self = .failed
        }
    }
}

/// Runs requests and converts their errors to `FaultError`.
package func asFault<Value>(
    _ body: () async throws(ManagementError) -> Value
) async throws(FaultError) -> Value {
    do throws(ManagementError) {
        return try await body()
    } catch {
        throw FaultError(error)
    }
}
