import Synchronization
import Testing

@testable import RabbitMQManagement

@Suite struct CredentialsGateTests {
    @Test func oneAttemptDecidesAndThenAllGo() {
        var machine = CredentialsMachine()
        #expect(machine.enter(at: 0) == .go(isTrial: true))
        #expect(machine.enter(at: 0.1) == .wait)
        machine.leave(.accepted, isTrial: true, at: 0.2)
        #expect(machine.enter(at: 0.3) == .go(isTrial: false))
        #expect(machine.enter(at: 0.3) == .go(isTrial: false))
    }

    @Test func aWrongPasswordIsTriedThreeTimesInAMinute() {
        var machine = CredentialsMachine()
        var attempts: [Double] = []
        var now = 0.0
        while now < 600 {
            // Five sources ask all the time.
            for _ in 0..<5 {
                if case .go(let isTrial) = machine.enter(at: now) {
                    attempts.append(now)
                    machine.leave(.refused, isTrial: isTrial, at: now)
                }
            }
            now += 0.25
        }
        #expect(attempts.prefix(4) == [0, 10, 35, 95])
        for start in attempts { #expect(attempts.count { $0 >= start && $0 < start + 60 } <= 3) }
        #expect(attempts.count <= 14)
    }

    @Test func aPasswordThatIsChangedMeanwhileIsRefusedOnce() {
        var machine = CredentialsMachine()
        _ = machine.enter(at: 0)
        machine.leave(.accepted, isTrial: true, at: 0)
        _ = machine.enter(at: 1)
        _ = machine.enter(at: 1)
        machine.leave(.refused, isTrial: false, at: 1.1)
        machine.leave(.accepted, isTrial: false, at: 1.2)
        #expect(machine.enter(at: 2) == .held(seconds: 9.1))
        #expect(machine.enter(at: 11.1) == .go(isTrial: true))
        machine.leave(.accepted, isTrial: true, at: 11.2)
        #expect(machine.enter(at: 11.2) == .go(isTrial: false))
    }

    @Test func aBrokerThatIsAwaySaysNothingOfThePassword() {
        var machine = CredentialsMachine()
        for now in 0..<5 {
            #expect(machine.enter(at: Double(now)) == .go(isTrial: true))
            machine.leave(.unknown, isTrial: true, at: Double(now) + 0.1)
        }
        _ = machine.enter(at: 6)
        machine.leave(.refused, isTrial: true, at: 6)
        _ = machine.enter(at: 16)
        machine.leave(.unknown, isTrial: true, at: 16)
        #expect(machine.enter(at: 16.5) == .held(seconds: 0.5), "what it said before holds")
    }

    @Test func otherPasswordsAreOthers() async throws {
        let gate = CredentialsGate(clock: { 0 })
        let wrong = CredentialsGate.Credentials(username: "ops", password: "a")
        let right = CredentialsGate.Credentials(username: "ops", password: "b")
        gate.leave(wrong, try await gate.enter(wrong), .refused)
        #expect(gate.held(wrong) == 10 && gate.held(right) == nil)
        await #expect(throws: CredentialsGate.Held.self) { try await gate.enter(wrong) }
        _ = try await gate.enter(right)
        #expect("\(wrong)" == "ops" && !String(reflecting: wrong).contains("\"a\""))
    }

    @Test func requestsAfterARefusalDoNotLeave() async throws {
        try await TestServer.answering(
            { _ in .json(#"{"error":"not_authorized","reason":"Not_Authorized"}"#, status: 401) },
            configure: { $0.gate = CredentialsGate() }
        ) { client, server in
            for _ in 0..<20 {
                await #expect(throws: ManagementError.self) { _ = try await client.whoAmI() }
            }
            await withTaskGroup(of: Void.self) { tasks in
                for _ in 0..<20 {
                    tasks.addTask {
                        do throws(ManagementError) {
                            _ = try await client.overview()
                            Issue.record("it was let through")
                        } catch {
                            #expect(error.code == .badCredentials)
                            #expect(error.brokerReply?.contains("tried again in") == true)
                        }
                    }
                }
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test(arguments: [301, 302, 304, 307, 407, 429, 500, 502, 503])
    func whatMayComeFromInFrontOfTheBrokerSaysNothing(status: Int) async throws {
        let credentials = CredentialsGate.Credentials(username: "watcher", password: "s3cret")
        let now = Mutex(0.0)
        let gate = CredentialsGate(clock: { now.withLock { $0 } })
        gate.leave(credentials, try await gate.enter(credentials), .refused)
        try await TestServer.answering(
            { _ in .json("{}", status: status, headers: [("location", "/elsewhere")]) }, configure: { $0.gate = gate }
        ) { client, _ in
            now.withLock { $0 = 10 }
            _ = try? await client.whoAmI()
        }
        #expect(gate.held(credentials) == 1, "what the broker said before holds")
        now.withLock { $0 = 11 }
        #expect(try await gate.enter(credentials).isTrial)
    }

    @Test func anAnswerOfTheBrokerConfirmsThePassword() {
        for status in [200, 204, 400, 401, 403, 404, 405] {
            #expect(CredentialsGate.Outcome(status: status, isRefusal: false) == .accepted, "\(status)")
        }
        #expect(CredentialsGate.Outcome(status: 401, isRefusal: true) == .refused)
    }

    @Test func whatIsNotPermittedIsNoWrongPassword() async throws {
        try await TestServer.answering(
            { _ in .json(#"{"error":"not_authorised","reason":"Access refused."}"#, status: 401) },
            configure: { $0.gate = CredentialsGate() }
        ) { client, server in
            for _ in 0..<3 {
                await #expect(throws: ManagementError.self) { _ = try await client.nodes() }
            }
            #expect(server.requests.count == 3)
        }
    }
}
