import Faults
import Foundation
import Screen
import Testing

@testable import TopCore

/// A fault in force since noon.
func faultRecord(
    _ id: UInt64, _ fault: Fault, until seconds: Double? = nil, _ state: FaultRecord.State = .inForce,
    note: String? = nil
) -> FaultRecord {
    FaultRecord(
        id: id, fault: fault, since: noon.timeIntervalSince1970, until: seconds.map { noon.timeIntervalSince1970 + $0 },
        state: state, note: note)
}

let latency = Fault("latency", on: FaultSelector(connection: "orders-service"))

@Suite struct FaultPermissionTests {
    private func permission(
        loopback: Bool = true, allowed: Bool = false, readOnly: Bool = false,
        injectionPoints: Set<FaultDescription.InjectionPoint> = [.proxy, .own]
    ) -> FaultPermission {
        FaultPermission(
            injectionPoints: injectionPoints, isLoopback: loopback, isAllowed: allowed, isReadOnly: readOnly)
    }

    @Test func faultsArePermittedOnThisMachineOnlyUnlessAllowed() {
        #expect(permission() == .permitted([.proxy, .own]))
        #expect(permission(loopback: false).why?.contains("--allow-faults") == true)
        #expect(permission(loopback: false).injectionPoints.isEmpty)
        #expect(permission(loopback: false, allowed: true) == .permitted([.proxy, .own]))
    }

    @Test func neverWhenReadOnly() {
        #expect(permission(readOnly: true).why?.contains("--read-only") == true)
        #expect(permission(loopback: false, allowed: true, readOnly: true).why?.contains("--read-only") == true)
    }

    @Test func withoutAnInjectorFaultsAreNotPermitted() {
        #expect(permission(injectionPoints: []).why?.contains("--proxy") == true)
    }
}

@Suite struct UndoTests {
    private func state(_ faults: [FaultRecord]) -> State {
        var state = makeState {
            $0.faults = FaultPermission(
                injectionPoints: [.proxy], isLoopback: true, isAllowed: false, isReadOnly: false)
        }
        state.send(.faults(faults))
        return state
    }

    @Test func theOnlyFaultInForceIsUndoneWithoutAQuestion() {
        var state = state([faultRecord(1, latency, .undone), faultRecord(2, latency), faultRecord(3, latency, .done)])
        #expect(state.type(.character("u")) == [.start(OperationID(1), .undoFault(2))])
        #expect(state.overlay == nil)
        #expect(state.activities.map(\.title) == ["undo of fault #2"])
    }

    @Test func ofSeveralOneOrAllIsChosen() throws {
        var state = state([
            faultRecord(1, latency, until: 60), faultRecord(2, latency, .undoing), faultRecord(3, latency),
        ])
        #expect(state.type(.character("u")) == [])
        let picker = try #require(state.picker)
        #expect(picker.choices.map(\.label) == ["all of them", "latency #1", "latency #2", "latency #3"])
        #expect(picker.choices.map(\.hint)[1] == "on orders-service, 1m00s left")
        #expect(picker.choices.map(\.hint)[3] == "on orders-service, until undone")
        #expect(picker.choices[2].disabled != nil)
        #expect(state.type(.enter) == [.start(OperationID(1), .undoFaults)])
        state.type(.character("u"))
        #expect(state.type(.end, .enter) == [.start(OperationID(2), .undoFault(3))])
        #expect(state.overlay == nil)
    }

    @Test func withNoneInForceItSaysSo() {
        var state = state([faultRecord(1, latency, .undone)])
        #expect(state.type(.character("u")) == [])
        #expect(state.notice?.text == "No fault is in force")
        #expect(!Bindings.footer(for: state).map(\.command).contains(.undoFaults))
    }

    @Test func oneThatIsBeingUndoneIsNotUndoneAgain() {
        var state = state([faultRecord(4, latency, .undoing)])
        #expect(state.type(.character("u")) == [])
        #expect(state.notice?.text == "latency #4 is being undone")
    }

    @Test func whatCouldNotBeUndoneComesFirst() {
        let state = state([faultRecord(1, latency), faultRecord(2, latency, .undoFailed, note: "no answer")])
        #expect(state.faultsInForce.map(\.id) == [2, 1])
    }

    @Test func aFailureStandsInEventsOnceWhicheverComesFirst() {
        let failed = faultRecord(7, latency, .failed, note: "No connection fits.")
        let report = OperationReport.faultFailed("No connection fits.", advice: "See which are there.", record: 7)
        for isRecordFirst in [true, false] {
            var state = state([])
            #expect(state.start(.injectFault(latency)) == [.start(OperationID(1), .injectFault(latency))])
            if isRecordFirst { state.send(.faults([failed])) }
            // However long it took.
            state.send(.operation(OperationID(1), report), at: later(60))
            if !isRecordFirst { state.send(.faults([failed]), at: later(60)) }
            #expect(state.ledger.entries.map(\.text) == ["latency #7 could not be injected: No connection fits."])
            #expect(state.notice?.text.hasSuffix("No connection fits. — See which are there.") == true)
        }
    }

    @Test func aFailureWithoutARecordStandsInEventsThoughTheSameFaultFailedBefore() {
        var state = state([faultRecord(7, latency, .failed, note: "No connection fits.")])
        _ = state.start(.injectFault(latency))
        state.send(.operation(OperationID(1), .failed("256 faults are in force.", advice: "Undo some first.")))
        #expect(
            state.ledger.entries.map(\.text) == [
                "latency #7 could not be injected: No connection fits.",
                "failed: fault latency on orders-service: 256 faults are in force. — Undo some first.",
            ])
        #expect(state.ledger.entries.map(\.severity) == [.warning, .warning])
    }

    @Test func anUndoThatFailedStandsInEventsOnce() {
        var state = state([faultRecord(2, latency)])
        state.type(.character("u"))
        state.send(.faults([faultRecord(2, latency, .undoFailed, note: "It is stuck. Wait.")]))
        state.send(.operation(OperationID(1), .faultFailed("It is stuck.", advice: "Wait.", record: 2)))
        #expect(
            state.ledger.entries.map(\.text) == [
                "latency #2 injected on connection orders-service",
                "latency #2 could not be undone: It is stuck. Wait.",
            ])
        #expect(state.notice?.severity == .failure)
    }

    @Test func readOnlyUndoesNothing() {
        var state = state([faultRecord(2, latency)])
        state.options.readOnly = true
        #expect(state.type(.character("u")) == [])
        #expect(state.notice?.text.hasPrefix("Read-only: u ") == true)
    }

    @Test func secondsCountDownToNothing() {
        let record = faultRecord(1, latency, until: 30)
        #expect(record.secondsLeft(at: noon) == 30)
        #expect(record.secondsLeft(at: later(6.5)) == 24)
        #expect(record.secondsLeft(at: later(99)) == 0)
        #expect(faultRecord(1, latency).secondsLeft(at: noon) == nil)
    }

    @Test func theyShowWhileTheScreenIsFrozen() {
        var state = state([])
        state.type(.character("Z"))
        state.send(.faults([faultRecord(1, latency)]))
        #expect(state.faultsInForce.count == 1)
    }

    @Test(arguments: [
        (Fault("close-channel", on: FaultSelector(connection: "shop", channel: 3)), "channel 3 of shop"),
        (Fault("latency", on: FaultSelector(connection: "shop")), "shop"),
        (Fault("purge", on: FaultSelector(virtualHost: "/", queue: "orders")), "orders"),
        (Fault("hoard-unacked", ["queue": "orders"]), "orders"),
        (Fault("close-user", on: FaultSelector(user: "guest")), "user guest"),
        (Fault("vhost-limit", on: FaultSelector(virtualHost: "/")), "vhost /"),
    ])
    func aFaultIsNamedWithWhomItIsAimedAt(_ fault: Fault, _ aim: String) {
        #expect(fault.aim == aim)
        #expect(Operation.injectFault(fault).title == "fault \(fault.name) on \(aim)")
    }

    @Test func aFaultAtNobodyInParticularIsNamedAlone() {
        #expect(Operation.injectFault(Fault("tune")).title == "fault tune")
    }
}
