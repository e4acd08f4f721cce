import Names
import RabbitMQClient
import Testing

@testable import BrokerMonitor

/// RabbitMQ refuses connection.open with 530 for several reasons, and tells them apart in words only.
@Suite struct OpenRefusalTests {
    private func error(_ text: String) -> ClientError {
        ClientError(
            .virtualHostRefused, text,
            closeReason: CloseReason(initiator: .peer, scope: .connection, code: 530, text: text))
    }

    @Test(arguments: ["a", "limits", "not found"])
    func onlyAUserWithoutPermissionsIsToldToBeGivenSome(_ vhost: String) {
        #expect(error("NOT_ALLOWED - access to vhost '\(vhost)' refused for user 'bob'").isNoAccess)
    }

    @Test(arguments: [
        "NOT_ALLOWED - vhost a not found",
        "NOT_ALLOWED - access to vhost 'a' refused for user 'bob': connection limit (1) is reached",
        "NOT_ALLOWED - connection refused for user 'bob': user connection limit (1) is reached",
    ])
    func aLimitOrAMissingVhostIsSaidInTheBrokersWords(_ text: String) {
        let error = error(text)
        #expect(!error.isNoAccess)
        let trouble = SourceHealth.Trouble(error, address: "localhost:5672", isGuess: false)
        #expect(trouble.state == .denied)
        #expect(trouble.problem.contains(text.dropFirst("NOT_ALLOWED - ".count)))
    }
}
