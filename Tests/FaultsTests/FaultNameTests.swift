import Testing

@testable import Faults

@Suite struct FaultNameTests {
    @Test func everyFaultIsDeclaredOnce() {
        #expect(
            FaultCatalogue.all.map(\.kind).sorted { $0.rawValue < $1.rawValue }
                == FaultName.allCases.sorted { $0.rawValue < $1.rawValue })
        for name in FaultName.allCases { #expect(FaultCatalogue[name].name == name.rawValue) }
    }

    @Test func everyParameterBelongsToAFault() {
        #expect(Set(FaultCatalogue.all.flatMap(\.parameters).map(\.key)) == Set(FaultParameterName.allCases))
    }

    @Test func aLabelNamesItsFault() {
        #expect(FaultName(label: "close-channel #3") == .closeChannel)
        #expect(FaultName(label: "close-channel") == .closeChannel)
        #expect(FaultName(label: "") == nil)
        #expect(FaultName(label: "other #1") == nil)
    }

    @Test func theCodeOfACloseIsAmongItsEffects() {
        var effects = FaultCatalogue[.closeChannel].effects(["code": 404])
        #expect(effects.effects == [.channel(404)])
        #expect(effects.ends)
        effects = FaultCatalogue[.closeChannel].effects(["code": 404, "towards": "client"])
        #expect(effects.effects == [.channel(404), .connection(503, 504, 505), .channel(504)])
        #expect(FaultCatalogue[.notFound].effects([:]).effects == [.anyResponse])
        #expect(FaultCatalogue[.nackConfirm].effects([:]).effects.isEmpty)
    }
}
