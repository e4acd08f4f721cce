import MessageRouting
import Names
import RabbitMQManagement
import TopCore

extension Poller {
    /// Finds out where the message in the form for publishing would go.
    func pollRoute() async throws(ManagementError) {
        guard let question = interest.route else { return }
        var answer = RouteAnswer(at: clock.date(), question: question, route: nil)
        if mayOpen(question.vhost) {
            do throws(ManagementError) {
                let trace = try await asking(question.vhost) { () async throws(ManagementError) in
                    try await RoutePoll(client: management).trace(
                        question.message, vhost: question.vhost, deadLettersOf: 0
                    ).trace
                }
                answer.route = trace.route
            } catch {
                switch error.code {
                case .notFound, .notPermitted: answer.problem = error.whatHappened
                default: throw error
                }
            }
        } else {
            answer.problem = "this user has no access to vhost '\(question.vhost)'"
        }
        answer.at = clock.date()
        inbox.post(.route(answer))
    }
}
