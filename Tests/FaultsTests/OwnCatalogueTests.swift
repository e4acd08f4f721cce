import Faults
import Testing

/// What the catalogue says of the faults on connections of rabbittop's own.
@Suite struct OwnCatalogueTests {
    private static let own = FaultCatalogue.all.filter { $0.injectionPoint == .own }

    /// Faults that last until they are undone.
    private static let lasting: Set = [
        "stop-heartbeats", "stop-reading", "hoard-unacked", "requeue-loop", "slow-consumer", "flood",
    ]

    @Test func namesAreUniqueInTheWholeCatalogue() {
        let names = FaultCatalogue.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(Self.own.allSatisfy { FaultCatalogue[$0.name]?.injectionPoint == .own })
    }

    @Test(arguments: [403, 404, 405, 406, 320, 501, 503, 504, 505, 530, 540, 541, 312])
    func everyCodeThatRabbitMQCanBeBroughtToSendHasAFault(code: Int) {
        #expect(Self.own.filter { $0.title.hasPrefix("\(code) ") }.count == 1)
    }

    @Test func whatLastsHasAnUndoAndATimeLimitAndNothingElseHas() {
        for description in Self.own {
            let lasts = Self.lasting.contains(description.name)
            #expect((description.undo != nil) == lasts, "\(description.name)")
            #expect((description.defaultDuration != nil) == lasts, "\(description.name)")
        }
        #expect(Self.lasting.isSubset(of: Self.own.map(\.name)))
    }

    @Test func onlyWhatMayTakeMessagesAwayIsConfirmedFirst() {
        #expect(
            Set(Self.own.filter(\.isDestructive).map(\.name)) == [
                "requeue-loop", "slow-consumer", "hoard-unacked", "stop-reading", "stop-heartbeats",
            ])
    }

    @Test func defaultsAreWithinTheirOwnRangesAndEachFaultEntersAVirtualHost() throws {
        for description in Self.own {
            var given: [String: FaultValue] = [:]
            for parameter in description.parameters where parameter.value == nil { given[parameter.name] = "orders" }
            let order = try FaultCatalogue.order(Fault(description.name, given))
            #expect((order.declared as? any OwnFault)?.vhost == "/", "\(description.name)")
            #expect(order.duration == description.defaultDuration)
        }
    }

    @Test(arguments: ["stop-reading", "hoard-unacked", "requeue-loop", "slow-consumer", "flood", "poison-message"])
    func aFaultOnAQueueHasToBeToldWhich(name: String) throws {
        let error = #expect(throws: FaultError.self) { try FaultCatalogue.order(Fault(name)) }
        #expect(error?.problem == "'\(name)' needs its parameter 'queue'.")
        #expect(FaultCatalogue[name]?.targets.contains(.queue) == true)
        #expect(try FaultCatalogue.order(Fault(name, ["queue": "orders"])).values["queue"] == "orders")
    }

    @Test func aMisuseThatIsNotThereIsRefusedWithThoseThatAre() throws {
        let error = #expect(throws: FaultError.self) {
            try FaultCatalogue.order(Fault("precondition-failed", ["how": "bad-luck"]))
        }
        #expect(error?.advice == "It is unknown-tag, redeclare, confirm-in-transaction, message-too-large.")
        #expect(try FaultCatalogue.order(Fault("precondition-failed")).values["how"] == "unknown-tag")
    }

    @Test func whatHappensOnceHasNoDurationAndNoSelector() {
        #expect(throws: FaultError.self) { try FaultCatalogue.order(Fault("tcp-reset", for: 5)) }
        #expect(throws: FaultError.self) {
            try FaultCatalogue.order(Fault("tcp-reset", on: FaultSelector(user: "guest")))
        }
    }
}
