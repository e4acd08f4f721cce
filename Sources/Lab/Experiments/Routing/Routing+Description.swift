extension Routing {
    static let belief = "belief"
    static let rules = "rules"

    /// The experiment's name, variants and settings.
    public static let description = ExperimentDescription(
        name: "routing",
        title: "Which message reached which queue, beside what the rules of AMQP predict",
        story: """
            Messages are published to direct, fanout, topic and headers exchanges, to the default exchange, through bindings \
            of exchanges and to exchanges with an alternate; queues share keys, and one is bound twice. What arrived where is \
            set beside a prediction made without a broker: by the rules of AMQP, or by what people believe of them.
            """,
        variants: [
            ExperimentDescription.Variant(
                name: belief,
                what: "Predicts by what people believe: one copy for each binding, * for many words, and more.",
                expectation: "Each belief fails in exactly the cells in which it differs from the rules.", isCure: false
            ),
            ExperimentDescription.Variant(
                name: rules, what: "Predicts by the rules of AMQP 0-9-1 and RabbitMQ.",
                expectation: "Every cell of the matrix is as predicted; what no queue takes comes back.", isCure: true),
        ],
        settings: [
            ExperimentDescription.Setting(
                "beliefs", .text("all"),
                "Which beliefs are tried: all, or of these with commas between: "
                    + RoutingBelief.allCases.map(\.rawValue).joined(separator: ", "))
        ])

    /// Returns what happens in a variant, and why.
    public static func explanation(_ variant: String) -> String {
        if variant == belief {
            return """
                Each of these beliefs is right often enough to live for years, and wrong where it matters: a queue that is bound \
                twice still gets a message once; * stands for exactly one word and # for none as well; a fanout exchange looks at \
                no key; a headers exchange passes over names that begin with x- and tells 10 from "10"; an alternate exchange \
                gets only what its own exchange has no binding for.

                The last one hides losses: a binding to another exchange is a route, also where that exchange leads nowhere. The \
                message is gone, and the alternate exchange never saw it. Only the mandatory flag tells.
                """
        }
        return """
            An exchange looks at its own bindings and nothing else. It hands the message to every queue and every exchange that \
            a binding leads to; those exchanges do the same with the same key and headers, and each exchange is entered once, \
            whatever circles the bindings make. In the end each queue that was found gets the message once.

            Where an exchange has no binding that fits, and has an alternate exchange, the message goes on there. Where no queue \
            was found at all it is dropped: silently, unless it was published as mandatory, which brings it back with \
            312 NO_ROUTE before its confirm.
            """
    }
}
