import Testing

@testable import Faults

@Suite struct FaultCatalogueTests {
    @Test func everyFaultHasANameOfItsOwn() {
        #expect(Set(FaultCatalogue.all.map(\.name)).count == FaultCatalogue.all.count)
        for description in FaultCatalogue.all {
            #expect(FaultCatalogue[description.name]?.title == description.title)
            #expect(type(of: description.read([:])).description.name == description.name)
        }
    }

    @Test func parametersAreReadAsGivenAndByDefault() throws {
        for description in FaultCatalogue.all {
            #expect(
                Set(description.parameters.map(\.name)).count == description.parameters.count, "\(description.name)")
            for parameter in description.parameters {
                if let value = parameter.value { #expect(parameter.accept(value) == value, "\(parameter.name)") }
            }
        }
        let order = try FaultCatalogue.order(Fault("close-channel", ["code": 404, "towards": "client"]))
        let fault = try #require(order.declared as? CloseChannelFault)
        #expect(fault.code == 404 && fault.text == "closed by rabbittop" && fault.towards == .client)
    }

    @Test func aFaultOfADeclarationIsTaken() throws {
        let order = try FaultCatalogue.order(Fault(DelayFault.self, ["what": "confirms"]))
        let fault = try #require(order.declared as? DelayFault)
        #expect(fault.traffic == .confirms && fault.milliseconds == 1_000)
    }

    @Test func theCodeOfACloseIsAmongItsEffects() {
        func effects(_ declared: any DeclaredFault.Type, _ values: [String: FaultValue] = [:]) -> FaultEffects {
            declared.description.read(values).effects
        }
        #expect(effects(CloseChannelFault.self, ["code": 404]).effects == [.channel(404)])
        #expect(effects(CloseChannelFault.self, ["code": 404]).ends)
        #expect(
            effects(CloseChannelFault.self, ["code": 404, "towards": "client"]).effects
                == [.channel(404), .connection(503, 504, 505), .channel(504)])
        #expect(effects(NotFoundFault.self).effects == [.anyResponse])
        #expect(effects(NackConfirmFault.self).effects.isEmpty)
    }
}
