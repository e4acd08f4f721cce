import Testing

@testable import ClientInspector

@Suite("The text that Prometheus reads") struct PrometheusTextTests {
    @Test("A metric has its help, its type and one line a sample")
    func lines() {
        var text = PrometheusText()
        text.write(
            "rabbitmq_client_things_total", .counter, "Things.",
            [.init([("connection", "orders"), ("id", "1")], 3), .init([], 0.5), .init([], true)])
        #expect(
            text.text == """
                # HELP rabbitmq_client_things_total Things.
                # TYPE rabbitmq_client_things_total counter
                rabbitmq_client_things_total{connection="orders",id="1"} 3
                rabbitmq_client_things_total 0.5
                rabbitmq_client_things_total 1

                """)
    }

    @Test("A metric without samples is left out")
    func nothing() {
        var text = PrometheusText()
        text.write("rabbitmq_client_things_total", .counter, "Things.", [])
        #expect(text.text.isEmpty)
    }

    @Test("Labels and help cannot end their line or their quotation marks")
    func escaping() {
        var text = PrometheusText()
        text.write("m", .gauge, "a \"b\" \\ c\nd", [.init([("l", "x\"y\\z\nw\r — ü")], 1)])
        #expect(
            text.text
                == "# HELP m a \"b\" \\\\ c\\nd\n# TYPE m gauge\nm{l=\"x\\\"y\\\\z\\nw\r — ü\"} 1\n")
    }

    @Test(
        "Numbers are written whole where they are",
        arguments: [
            (0.0, "0"), (-2.0, "-2"), (1.5, "1.5"), (9_007_199_254_740_992, "9007199254740992"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1.7e300, "1.7e+300"),
        ])
    func numbers(_ value: Double, _ text: String) {
        #expect(PrometheusText.number(value) == text)
    }
}
