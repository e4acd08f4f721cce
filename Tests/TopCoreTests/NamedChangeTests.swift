import Names
import Screen
import Testing

@testable import TopCore

/// What is changed in the views that are reached by their names.
@Suite struct NamedChangeTests {
    private func watched(_ view: NamedView, _ rows: NamedPart.Rows, readOnly: Bool = false) -> State {
        var state = makeState {
            $0.initialView = .named(view)
            $0.readOnly = readOnly
        }
        state.send(.named(NamedPart(view, rows)))
        return state
    }

    private func binding(_ source: Name, _ key: Name, arguments: Name = "") -> BindingRow {
        BindingRow(
            vhost: "/", source: source, destinationKind: .queue, destination: "orders", routingKey: key,
            arguments: arguments)
    }

    private func policy(_ name: Name, _ settings: [NamedSetting]?, isOperator: Bool = false) -> PolicyRow {
        var row = PolicyRow(
            vhost: "/", name: name, isOperator: isOperator, pattern: "^o", definition: "{\"max-length\":5}")
        row.appliesTo = "queues"
        row.priority = 3
        row.queues = 2
        row.settings = settings
        return row
    }

    private func shovel(_ name: Name, vhost: Name? = "/") -> LinkRow {
        var row = LinkRow(kind: .shovel, vhost: vhost, name: name)
        row.source = "orders"
        row.destination = "archive"
        row.state = "running"
        return row
    }

    private func start(_ change: ConfigurationChange, _ number: UInt64 = 1) -> Action {
        .start(OperationID(number), .change(change))
    }

    // MARK: Deleting

    @Test func aBindingIsRemovedAfterAQuestionThatSaysHowToMakeItAgain() {
        let row = binding("shop", "new", arguments: "{\"x-match\":\"all\"}")
        var state = watched(.bindings, .bindings(list([row])))
        state.type(.character("D"))
        #expect(state.confirmation?.focus == .cancel)
        let words = state.confirmation?.lines.joined(separator: "\n") ?? ""
        #expect(words.contains("shop to queue orders by 'new'"))
        #expect(words.contains("Undo: a, Bind, from shop to queue orders, key 'new', arguments {\"x-match\":\"all\"}."))
        #expect(state.type(.tab, .enter) == [start(.named(.removeBinding(row)))])
    }

    @Test func bindingsOfTheDefaultExchangeStay() {
        var state = watched(.bindings, .bindings(list([binding("", "orders")])))
        state.type(.character("D"))
        #expect(state.overlay == nil)
        #expect(state.notice?.text.contains("goes with the queue") == true)
    }

    @Test func allTaggedAreRemovedTogether() {
        let rows = [binding("a", "1"), binding("b", "2"), binding("", "orders")]
        var state = watched(.bindings, .bindings(list(rows)))
        state.type(.character("*"), .character("D"))
        #expect(state.confirmation?.title == "Remove 2 bindings?")
        #expect(state.confirmation?.lines.contains("1 binding to the default exchange: left out") == true)
        #expect(state.confirmation?.lines.last?.contains("cannot be undone") == false)
        guard case .start(_, .batch(let batch))? = state.type(.tab, .enter).first else {
            Issue.record("no batch")
            return
        }
        #expect(
            batch.items.map(\.operation) == rows.prefix(2).map { TopCore.Operation.change(.named(.removeBinding($0))) })
    }

    @Test func aPolicyIsDeletedWithWhatItIsInForceOn() {
        var state = watched(.policies, .policies(list([policy("short", nil)])))
        state.type(.character("D"))
        #expect(state.confirmation?.lines.contains("It is in force on 2 queues and 0 exchanges.") == true)
        #expect(state.type(.tab, .enter) == [start(.deletePolicy(EntityID(vhost: "/", name: "short")))])
    }

    @Test func policiesOfOperatorsAndStaticShovelsStay() {
        var state = watched(.policies, .policies(list([policy("theirs", [], isOperator: true)])))
        state.type(.character("D"))
        #expect(state.overlay == nil && state.notice?.text.contains("set_operator_policy") == true)
        state = watched(.shovels, .shovels(list([shovel("fixed", vhost: nil)])))
        state.type(.character("D"))
        #expect(state.overlay == nil && state.notice?.text.contains("configuration file") == true)
        state.type(.character("a"))
        #expect(state.picker?.choices.allSatisfy { $0.disabled != nil } == true)
    }

    @Test func severalPoliciesAreCalledSo() {
        var state = watched(.policies, .policies(list([policy("a", []), policy("b", [])])))
        state.type(.character("*"), .character("D"))
        #expect(state.confirmation?.title == "Delete 2 policies?")
        #expect(state.confirmation?.lines.contains("They are in force on 4 queues") == true)
    }

    @Test func readOnlyRefuses() {
        for key in ["D", "a"] as [Character] {
            var state = watched(.policies, .policies(list([policy("short", [])])), readOnly: true)
            state.type(.character(key))
            #expect(state.overlay == nil && state.notice?.text.hasPrefix("Read-only") == true)
        }
    }

    // MARK: Changing

    @Test func aPolicyIsChangedInAFormThatHasItsValues() {
        let settings = [
            NamedSetting("max-length", .integer(5)), NamedSetting("dead-letter-routing-key", .text("5")),
        ]
        var state = watched(.policies, .policies(list([policy("short", settings)])))
        state.type(.character("a"), .enter)
        #expect(state.form?[Form.Key.definition]?.editor.text == "max-length=5, dead-letter-routing-key=\"5\"")
        #expect(state.form?[Form.Key.priority]?.editor.text == "3")
        let same = PolicyDeclaration(
            id: EntityID(vhost: "/", name: "short"), pattern: "^o", target: .queues, priority: 3, definition: settings)
        #expect(state.type(.enter) == [start(.setPolicy(same))])
    }

    @Test func aDefinitionThatCannotBeTypedIsNotChangedHere() {
        var state = watched(.policies, .policies(list([policy("short", nil)])))
        state.type(.character("a"))
        let change = state.picker?.choices.first { $0.label == "Change short" }
        #expect(change?.disabled?.contains("set_policy") == true)
        #expect(state.picker?.choices.first { $0.label == "Delete short" }?.disabled == nil)
    }

    @Test func limitsAreSetOrRemoved() {
        var row = VhostRow(name: "shop")
        row.maxConnections = 10
        row.maxQueues = 7
        var state = watched(.vhosts, .vhosts(list([row])))
        state.type(.character("a"), .enter)
        #expect(state.form?.fields.map(\.editor.text) == ["10", "7"])
        state.type(.control("u"))
        state.type(text: "-1")
        #expect(state.type(.enter).isEmpty)
        #expect(state.form?.fields.first?.problem != nil)
        state.type(.control("u"))
        state.type(text: "20")
        state.type(.tab, .control("u"))
        let change = LimitChange(of: .vhost("shop"), to: [.connections: 20])
        #expect(state.type(.enter) == [start(.named(.setLimits(change)))])
    }

    @Test func tracingAsksAndSaysWhatItCosts() {
        var row = VhostRow(name: "shop")
        row.isTracing = false
        var state = watched(.vhosts, .vhosts(list([row])))
        state.type(.character("a"), .down, .enter)
        #expect(state.confirmation?.lines.first?.contains("amq.rabbitmq.trace") == true)
        #expect(state.type(.tab, .enter) == [start(.named(.setTracing(vhost: "shop", isOn: true)))])
        row.isTracing = true
        state = watched(.vhosts, .vhosts(list([row])))
        state.type(.character("a"), .down, .enter)
        #expect(state.type(.tab, .enter) == [start(.named(.setTracing(vhost: "shop", isOn: false)))])
    }

    @Test(
        arguments: [
            (FeatureRow.Kind.flag, "disabled", "stable", true), (.flag, "enabled", "stable", false),
            (.flag, "disabled", "experimental", false), (.deprecated, "permitted", nil, false),
            (.flag, nil, "stable", false),
        ] as [(FeatureRow.Kind, String?, String?, Bool)])
    func onlyADisabledStableFlagIsEnabled(kind: FeatureRow.Kind, flag: String?, stability: String?, isOffered: Bool) {
        var row = FeatureRow(name: "khepri_db", kind: kind)
        row.state = flag
        row.stability = stability
        var state = watched(.flags, .flags(list([row])))
        state.type(.character("a"))
        #expect((state.picker?.choices.first?.disabled == nil) == isOffered)
        state.type(.enter)
        guard isOffered else { return }
        #expect(state.confirmation?.lines.contains { $0.contains("cannot be disabled again") } == true)
        #expect(state.type(.tab, .enter) == [start(.named(.enableFlag("khepri_db")))])
    }

    @Test func aPermissionIsChanged() {
        var row = UserRow(name: "app", tags: [])
        row.permissions = [.init(vhost: "shop", configure: "^$", write: "^o", read: ".*")]
        var state = watched(.users, .users(list([row])))
        state.type(.character("a"), .enter)
        state.type(.tab)
        state.type(.control("u"))
        state.type(text: "(")
        #expect(state.type(.enter).isEmpty)
        #expect(state.form?[Form.Key.configure]?.problem != nil)
        state.type(.control("u"))
        state.type(text: "^app")
        let permission = UserRow.Permission(vhost: "shop", configure: "^app", write: "^o", read: ".*")
        #expect(state.type(.enter) == [start(.named(.setPermission(user: "app", permission)))])
    }

    @Test func linksAreRestartedAfterAQuestion() {
        var state = watched(.shovels, .shovels(list([shovel("archive")])))
        state.type(.character("a"), .enter)
        #expect(state.confirmation?.lines.first == "from orders to archive")
        let id = EntityID(vhost: "/", name: "archive")
        #expect(state.type(.tab, .enter) == [start(.named(.restartShovel(id)))])
        var link = LinkRow(kind: .federation, vhost: "/", name: "east")
        link.link = "86cd"
        link.node = "rabbit@a"
        state = watched(.shovels, .shovels(list([link])))
        state.type(.character("a"), .enter)
        let wanted = FederationLinkID(vhost: "/", upstream: "east", id: "86cd", node: "rabbit@a")
        #expect(state.type(.tab, .enter) == [start(.named(.restartLink(wanted)))])
        link.link = nil
        state = watched(.shovels, .shovels(list([link])))
        state.type(.character("a"))
        #expect(state.picker?.choices.first?.disabled != nil)
    }
}
