import Foundation
import Names
import Screen
import Testing

@testable import TopCore

/// Creating and changing queues, exchanges, bindings and policies.
@Suite struct ChangeTests {
    private func dashboard(version: String = "4.0.5", readOnly: Bool = false) -> State {
        var options = State.Options()
        options.readOnly = readOnly
        options.initialView = .queues
        var state = State(size: Size(width: 120, height: 40), options: options, now: noon)
        var cluster = ClusterPart(at: noon, version: version)
        cluster.nodes = []
        _ = update(&state, .snapshot(.cluster(cluster)), at: noon)
        return state
    }

    private func form(_ state: inout State, _ label: String) throws -> Form {
        _ = update(&state, .key(.character("a")), at: noon)
        guard case .picker(let picker)? = state.overlay else { throw Missing() }
        let choice = try #require(picker.choices.first { $0.label == label })
        guard case .form(let form) = choice.effect else { throw Missing() }
        return form
    }

    private struct Missing: Error {}

    private func set(_ form: inout Form, _ key: String, _ value: String) {
        guard let index = form.fields.firstIndex(where: { $0.key == key }) else {
            Issue.record("no field \(key)")
            return
        }
        form.fields[index].editor = LineEditor(value)
    }

    private func change(_ outcome: OverlayOutcome) -> ConfigurationChange? {
        if case .starts(.change(let change)) = outcome { change } else { nil }
    }

    private func problems(_ outcome: OverlayOutcome) -> [String: String] {
        guard case .shows(.form(let form)) = outcome else { return [:] }
        return form.fields.reduce(into: [:]) { $0[$1.key] = $1.problem }
    }

    @Test func aQueueIsDeclaredWithTypedArguments() throws {
        var state = dashboard()
        var form = try form(&state, "Queue")
        set(&form, Form.Key.name, "orders")
        set(&form, Form.Key.argument(.maxLength), "1000")
        set(&form, Form.Key.argument(.overflow), "reject-publish")
        set(&form, Form.Key.argument(.singleActive), Form.Field.on)
        set(&form, Form.Key.arguments, "x-quorum-initial-group-size=3, note=\"a, b\"")
        var queue = QueueDeclaration(id: EntityID(vhost: "/", name: "orders"), kind: .quorum)
        queue.arguments = [
            NamedSetting("x-max-length", .integer(1000)), NamedSetting("x-overflow", .text("reject-publish")),
            NamedSetting("x-single-active-consumer", .flag(true)),
            NamedSetting("x-quorum-initial-group-size", .integer(3)), NamedSetting("note", .text("a, b")),
        ]
        #expect(change(form.submitted(in: state)) == .declareQueue(queue))
    }

    @Test(arguments: [
        ("quorum", QueueArgument.maxPriority, "5", "4.0.5"), ("stream", .deadLetterExchange, "dlx", "4.0.5"),
        ("classic", .deliveryLimit, "5", "4.0.5"), ("quorum", .maxLength, "many", "4.0.5"),
        ("quorum", .overflow, "reject-publish-dlx", "4.0.5"), ("classic", .expires, "0", "4.0.5"),
        ("quorum", .deadLetterStrategy, "at-least-once", "4.0.5"),
    ])
    func whatATypeDoesNotHaveIsSaidBeforeItIsSent(
        type: String, argument: QueueArgument, value: String, version: String
    ) throws {
        var state = dashboard(version: version)
        var form = try form(&state, "Queue")
        set(&form, Form.Key.name, "q")
        set(&form, Form.Key.type, type)
        set(&form, Form.Key.argument(argument), value)
        let outcome = form.submitted(in: state)
        #expect(change(outcome) == nil)
        #expect(problems(outcome)[Form.Key.argument(argument)] != nil)
    }

    @Test func prioritiesOfQuorumQueuesCameWithFourThree() {
        #expect(!QueueArgument.maxPriority.isOf(.quorum, BrokerVersion("4.2.1")))
        #expect(QueueArgument.maxPriority.isOf(.quorum, BrokerVersion("4.3.0")))
        #expect(QueueArgument.maxPriority.isOf(.quorum, nil))
    }

    @Test func namesThatTheBrokerRefusesAreRefusedHere() throws {
        var state = dashboard()
        var form = try form(&state, "Exchange")
        #expect(problems(form.submitted(in: state))[Form.Key.name] == "it needs a name")
        set(&form, Form.Key.name, "amq.mine")
        #expect(problems(form.submitted(in: state))[Form.Key.name] != nil)
        set(&form, Form.Key.name, "mine")
        set(&form, Form.Key.alternate, "unrouted")
        var exchange = ExchangeDeclaration(id: EntityID(vhost: "/", name: "mine"), type: "topic")
        exchange.arguments = [NamedSetting("alternate-exchange", .text("unrouted"))]
        #expect(change(form.submitted(in: state)) == .declareExchange(exchange))
    }

    @Test func aBindingLeadsFromAnExchangeThatHasAName() throws {
        var state = dashboard()
        var form = try form(&state, "Binding")
        set(&form, Form.Key.destination, "q")
        #expect(problems(form.submitted(in: state))[Form.Key.exchange] != nil)
        set(&form, Form.Key.exchange, "e")
        set(&form, Form.Key.routingKey, "a.#")
        set(&form, Form.Key.arguments, "x-match=all, n=1")
        var binding = BindingDeclaration(vhost: "/", source: "e", destination: "q", isToQueue: true, key: "a.#")
        binding.arguments = [NamedSetting("x-match", .text("all")), NamedSetting("n", .integer(1))]
        #expect(change(form.submitted(in: state)) == .bind(binding))
    }

    @Test(arguments: [
        ("ha-mode=all", "4.0.5", true), ("ha-mode=all", "3.10.8", false), ("max-length=x", "4.0.5", true),
        ("max-length=5", "4.0.5", false), ("from-a-plugin=5", "4.0.5", false), ("overflow=drop", "4.0.5", true),
        ("", "4.0.5", true), ("max-length", "4.0.5", true), ("max-length=1, max-length=2", "4.0.5", true),
        ("dead-letter-exchange=5", "4.0.5", true), ("dead-letter-exchange=\"5\"", "4.0.5", false),
    ])
    func definitionsOfPoliciesAreChecked(definition: String, version: String, isWrong: Bool) throws {
        var state = dashboard(version: version)
        var form = try form(&state, "Policy")
        set(&form, Form.Key.name, "p")
        set(&form, Form.Key.definition, definition)
        #expect((problems(form.submitted(in: state))[Form.Key.definition] != nil) == isWrong)
    }

    @Test func aPatternThatDoesNotCompileAndATargetThatIsTooNew() throws {
        var state = dashboard(version: "3.10.8")
        var form = try form(&state, "Policy")
        set(&form, Form.Key.name, "p")
        set(&form, Form.Key.pattern, "(")
        set(&form, Form.Key.target, "streams")
        set(&form, Form.Key.definition, "max-age=7D")
        let found = problems(form.submitted(in: state))
        #expect(found[Form.Key.pattern] != nil)
        #expect(found[Form.Key.target] == "RabbitMQ has streams since 3.12")
    }

    @Test func aPolicyIsPrefilledAndItsDeletionIsAskedAbout() throws {
        var state = dashboard()
        let item = ConfigurationItem(
            .policy, vhost: "/", name: "ttl", value: "matches ^tmp, of queues, priority 3, {\"message-ttl\":5}",
            fields: [
                "pattern": "^tmp", "apply-to": "queues", "priority": "3", "definition.message-ttl": "5",
                "definition.overflow": "drop-head",
            ])
        _ = update(&state, .snapshot(.configuration(ConfigurationPart(at: noon, items: [item]))), at: noon)
        let form = try form(&state, "Change ttl")
        #expect(form[Form.Key.definition]?.editor.text == "message-ttl=5, overflow=drop-head")
        #expect(form[Form.Key.priority]?.editor.text == "3")
        let set = try #require(change(form.submitted(in: state)))
        #expect(!set.isDestructive)
        guard case .picker(let picker)? = state.overlay,
            let delete = picker.choices.first(where: { $0.label == "Delete ttl" }),
            case .ask(let question) = delete.effect
        else {
            Issue.record("no question")
            return
        }
        #expect(question.focus == .cancel)
        #expect(question.operation == .change(.deletePolicy(EntityID(vhost: "/", name: "ttl"))))
        #expect(question.operation.isDestructive)
    }

    @Test func readOnlyRefusesTheKey() {
        var state = dashboard(readOnly: true)
        _ = update(&state, .key(.character("a")), at: noon)
        #expect(state.overlay == nil)
        #expect(state.notice?.text.hasPrefix("Read-only: a (create) is refused") == true)
    }

    @Test func whatWasCreatedIsSelectedWhenItIsThere() throws {
        var state = dashboard()
        let id = EntityID(vhost: "/", name: "zz")
        let actions = state.start(.change(.declareQueue(QueueDeclaration(id: id, kind: .classic))))
        guard case .start(let operation, _)? = actions.first else { throw Missing() }
        _ = update(&state, .operation(operation, .finished("declared")), at: noon)
        let names: [Name] = ["aa", "zz"]
        let depths = names.map {
            QueueDepth(id: EntityID(vhost: "/", name: $0), ready: 1, unacked: 0, consumers: 0)
        }
        _ = update(
            &state, .snapshot(.queueDepths(QueueDepthsPart(at: noon, source: .management, vhost: nil, depths: depths))),
            at: later(1))
        #expect(state.selectedID == .queue(id))
    }

    // MARK: What a policy matches

    private func preview(
        _ pattern: String, priority: Int = 0, on target: PolicyTarget = .queues,
        _ queues: [(Name, String?, Name?)] = [], exchanges: [Name] = []
    ) throws -> PolicyPreview {
        PolicyPreview(
            try #require(PolicyPattern(Name(pattern))), of: EntityID(vhost: "/", name: "new"), on: target,
            priority: priority,
            queues: queues.map {
                PolicyPreview.Candidate(id: EntityID(vhost: "/", name: $0.0), type: $0.1, policy: $0.2)
            }, exchanges: exchanges.map { PolicyPreview.Candidate(id: EntityID(vhost: "/", name: $0)) },
            priorities: ["high": 10, "low": -1, "same": 0, "new": 99])
    }

    @Test func theHighestPriorityWins() throws {
        let queues: [(Name, String?, Name?)] = [
            ("a1", nil, nil), ("a2", nil, "high"), ("a3", nil, "low"), ("a4", nil, "same"), ("a5", nil, "new"),
            ("b", nil, nil),
        ]
        let matches = try #require(preview("^a", queues).queues)
        #expect(matches.count == 5)
        #expect(matches.kept == ["high": 1])
        #expect(matches.tied == ["same": 1])
        #expect(matches.effective == 3)
        // The expression is found anywhere in a name.
        #expect(try preview("1$|b", queues).queues?.count == 2)
        #expect(try preview("", queues).queues?.count == 6)
        #expect(try preview("^a", priority: 11, queues).queues?.kept.isEmpty == true)
    }

    @Test func targetsLimitWhatMatches() throws {
        let queues: [(Name, String?, Name?)] = [("c", "classic", nil), ("q", "quorum", nil), ("s", "stream", nil)]
        #expect(try preview("", on: .quorumQueues, queues).queues?.examples == ["q"])
        #expect(try preview("", on: .exchanges, queues, exchanges: ["e", ""]).queues == nil)
        // The default exchange takes no policy.
        #expect(try preview("", on: .all, queues, exchanges: ["e", ""]).exchanges?.count == 1)
    }

    @Test func onlyTheFirstOfVeryManyAreTried() throws {
        let queues = (0..<5_000).map { (Name("q\($0)"), String?.none, Name?.none) }
        let preview = try preview("^q", queues)
        #expect(preview.queues?.count == PolicyPreview.mostTried)
        #expect(preview.words.hasSuffix("among the first 3,000 of 5,000"))
    }

    // MARK: Settings as text

    @Test(arguments: [
        "a=1", "a=1.5, b=true", "a=\"1\"", "a=\"x, y\"", "a=\"say \\\"hi\\\"\"", "dead-letter-exchange=dlx", "a=\"\"",
    ]) func settingsAreReadAsTheyAreWritten(text: String) throws {
        #expect(NamedSetting.text(try NamedSetting.list(text)) == text)
    }

    @Test(arguments: ["a", "=1", "a=1,a=2", "a=\"x"]) func otherTextsAreNoSettings(text: String) {
        #expect(throws: NamedSetting.Problem.self) { try NamedSetting.list(text) }
    }
}
