import Faults
import Testing

@testable import AMQPProxy

@Suite struct FaultDeclarationTests {
    @Test func everyFaultOfTheProxyIsCarriedOut() throws {
        for description in FaultCatalogue.all where description.injectionPoint == .proxy {
            let fault = description.read([:])
            #expect(fault is any LastingFault || fault is any ImmediateFault, "\(description.name)")
        }
        for description in FaultCatalogue.all where description.injectionPoint == .own {
            #expect(description.read([:]) is any PeerFault, "\(description.name)")
        }
    }

    /// A fault that ends the connection does so once, unless it is said how often.
    @Test func onceIfNotTold() throws {
        func times(_ name: String, _ selector: FaultSelector = FaultSelector()) throws -> Int? {
            try ProxyFault(FaultCatalogue.order(Fault(name, on: selector)), id: 1)?.selector.times
        }
        #expect(try times("cut-frame") == 1)
        #expect(try times("cut-frame", FaultSelector(every: 3)) == nil)
        #expect(try times("swallow") == nil)
        // Without a moment to wait for, it is carried out at once.
        #expect(try ProxyFault(FaultCatalogue.order(Fault("reset-connection")), id: 1) == nil)
        #expect(try times("reset-connection", FaultSelector(afterMessages: 5)) == 1)
    }

    @Test(arguments: [true, false]) func aBlockWorksOnFramesOnlyIfItHoldsThemBack(_ holds: Bool) throws {
        let order = try FaultCatalogue.order(Fault("block-connection", ["hold": .flag(holds)]))
        #expect((try #require(ProxyFault(order, id: 1)).frames != nil) == holds)
    }

    @Test func theCauseSaysWhatItCanEnd() throws {
        let order = try FaultCatalogue.order(Fault("refuse-channels"))
        #expect(FaultCause(order).breaks == [.channel])
        #expect(FaultCause(try FaultCatalogue.order(Fault("latency"))).breaks.isEmpty)
    }
}
