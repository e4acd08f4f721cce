public import Foundation
public import MessageRouting
public import Names

/// Where a message would go that the form for publishing holds.
public struct RouteQuestion: Sendable, Hashable {
    /// The vhost.
    public var vhost: Name
    /// The message.
    public var message: RoutedMessage

    /// Creates a question.
    public init(vhost: Name, message: RoutedMessage) {
        self.vhost = vhost
        self.message = message
    }

    /// Creates the question of a form; nil if it is not the one for publishing.
    init?(_ form: Form) {
        guard case .publish(let vhost) = form.purpose else { return nil }
        self.init(
            vhost: vhost,
            message: RoutedMessage(
                exchange: form[Form.Key.exchange]?.editor.text ?? "",
                routingKey: form[Form.Key.routingKey]?.editor.text ?? ""))
    }
}

/// The answer to a question about a route.
public struct RouteAnswer: Sendable, Equatable {
    /// The time of the answer.
    public var at: Date
    /// The question.
    public var question: RouteQuestion
    /// Where the message would go; nil if it could not be found out.
    public var route: Route?
    /// Why it could not be found out.
    public var problem: String?

    /// Creates an answer.
    public init(at: Date, question: RouteQuestion, route: Route?, problem: String? = nil) {
        self.at = at
        self.question = question
        self.route = route
        self.problem = problem
    }
}

extension State {
    /// The question of the form for publishing; nil if it is not shown.
    var routeQuestion: RouteQuestion? {
        guard case .form(let form) = overlay else { return nil }
        return RouteQuestion(form)
    }

    /// Returns what the form for publishing says of where its message would go.
    func note(on question: RouteQuestion) -> FormNote {
        guard let routeAnswer, routeAnswer.question == question else { return FormNote("Route", "asking the broker") }
        guard let route = routeAnswer.route else {
            return FormNote("Route", "not known: \(routeAnswer.problem ?? "the broker did not answer")")
        }
        return FormNote("Route", route.sentence)
    }
}

extension Route {
    /// The most queues that are named.
    private static let mostNames = 5

    /// Where the message goes, in one sentence.
    var sentence: String {
        let certain = arrivals.filter { $0.doubt == nil }.map(\.queue)
        let doubtful = arrivals.filter { $0.doubt != nil }.map(\.queue)
        switch outcome {
        case .unroutable:
            let end = deadEnds.last.map { ": \(RouteTrace.exchange($0.exchange)): \($0.words)" } ?? ""
            return "no queue\(end)"
        case .unknown:
            if doubtful.isEmpty { return "not known: \(gaps.first?.why ?? "it was not asked for")" }
            return "perhaps \(Self.names(doubtful)): \(arrivals.first { $0.doubt != nil }?.doubt ?? "")"
        case .reached:
            if certain.isEmpty { return "one of \(Self.names(doubtful))" }
            let count = RouteTrace.count(certain.count, "queue", "queues")
            return "\(count): \(Self.names(certain))" + (doubtful.isEmpty ? "" : "; perhaps \(Self.names(doubtful))")
        }
    }

    private static func names(_ queues: [Name]) -> String {
        let named = queues.prefix(mostNames).map(\.text).joined(separator: ", ")
        let more = queues.count - mostNames
        return more > 0 ? "\(named) and \(more) more" : named
    }
}
