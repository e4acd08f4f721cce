import Faults
import Foundation
import Testing

@testable import TopCore

@Suite("The form of a fault takes a condition where it takes a connection")
struct ConnectionChoiceTests {
    private let key = "selector.connection"

    private func opened() throws -> State {
        var state = faultState()
        try state.openFault("close-channel", on: shopChannel)
        try state.fill("selector.channel", "")
        return state
    }

    @Test("A condition chooses the connections for which it holds, and the form counts them as it is typed")
    func condition() throws {
        var state = try opened()
        try state.fill(key, "application ~ ^orders and vhost = \"/\"")
        #expect(state.note("Connection")?.contains("holds for 2 connections") == true)
        let actions = state.type(.enter)
        guard case .start(_, .injectFault(let fault))? = actions.first else {
            Issue.record("\(actions) \(String(describing: state.form?[key]?.problem))")
            return
        }
        #expect(fault.selector.connection == nil)
        #expect(fault.selector.connections?.names == [orders, billing])
        #expect(fault.aim?.contains("2 connections where application ~ ^orders") == true)
    }

    @Test("A regular expression between slashes chooses by any of a connection's names")
    func regex() throws {
        var state = try opened()
        try state.fill(key, "/^orders-serv/")
        #expect(state.note("Connection")?.contains("holds for 2 connections") == true)
    }

    @Test("A mistake is said with its column while it is typed, and nothing is injected")
    func mistake() throws {
        var state = try opened()
        try state.fill(key, "user = orders and vhos = x")
        #expect(state.note("Connection")?.hasPrefix("column 19: ") == true)
        #expect(state.type(.enter) == [])
        #expect(state.form?[key]?.problem?.hasPrefix("column 19: ") == true)
    }

    @Test("A condition that holds for nothing is not injected")
    func nobody() throws {
        var state = try opened()
        try state.fill(key, "user = nobody")
        #expect(state.type(.enter) == [])
        #expect(state.form?[key]?.problem == "it holds for no connection that is known now")
    }

    @Test("A name stays a name, also one that looks like a condition")
    func names() throws {
        var state = try opened()
        try state.fill(key, "orders*")
        #expect(state.note("Connection") == nil)
        var odd = connection(shop)
        odd.clientName = "user=shop"
        state.send(.connections(list([odd])))
        try state.fill(key, "user=shop")
        #expect(state.note("Connection") == nil)
    }

    @Test("What was chosen is carried in JSON as it is")
    func json() throws {
        var fault = Fault("close-channel")
        fault.selector.connections = ChosenConnections("user = orders", names: [orders, billing])
        let copy = try JSONDecoder().decode(Fault.self, from: JSONEncoder().encode(fault))
        #expect(copy == fault)
        fault.selector.connections = ChosenConnections("", names: [])
        #expect(throws: FaultError.self) { try fault.selector.check() }
    }
}
