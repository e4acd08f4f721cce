import NIOCore
import NIOPosix
import TCPGate
import Testing

@Suite struct TCPGateTests {
    @Test func bytesPassBothWaysAndAreCounted() async throws {
        try await withGate { gate, server in
            let client = try await Client.connect(gate.port)
            client.send("hello")
            #expect(await client.ear.hears("hello"))
            #expect(server.latest.text == "hello")
            try await gate.until { $0.bytesToServer == 5 && $0.bytesToClient == 5 }
            #expect(gate.counts.accepted == 1 && gate.counts.forwarded == 1 && gate.counts.open == 1)
            await client.close()
            #expect(await server.latest.hears { $0.hasEnded && !$0.wasReset })
            try await gate.until { $0.open == 0 }
        }
    }

    @Test func muchPassesWhole() async throws {
        try await withGate { gate, _ in
            let client = try await Client.connect(gate.port)
            let body = ByteBuffer(bytes: (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) })
            client.channel.writeAndFlush(body, promise: nil)
            #expect(await client.ear.hears { $0.bytes.readableBytes == body.readableBytes })
            #expect(client.ear.now.bytes == body)
        }
    }

    @Test func theServersEndIsTheClients() async throws {
        try await withGate { gate, server in
            let client = try await Client.connect(gate.port)
            client.send("x")
            #expect(await client.ear.hears("x"))
            await server.dropClients()
            #expect(await client.ear.hears { $0.hasEnded && !$0.wasReset })
        }
    }

    @Test func aResetReachesBoth() async throws {
        try await withGate { gate, server in
            let client = try await Client.connect(gate.port)
            client.send("x")
            #expect(await client.ear.hears("x"))
            await gate.reset()
            #expect(await client.ear.hears { $0.hasEnded && $0.wasReset })
            #expect(await server.latest.hears { $0.hasEnded && $0.wasReset })
            // Who comes next gets through.
            let next = try await Client.connect(gate.port)
            next.send("y")
            #expect(await next.ear.hears("y"))
            #expect(gate.counts.forwarded == 2)
        }
    }

    @Test(arguments: [TCPGate.Side.client, .server])
    func oneSideAloneCanEnd(side: TCPGate.Side) async throws {
        try await withGate { gate, server in
            let client = try await Client.connect(gate.port)
            client.send("x")
            #expect(await client.ear.hears("x"))
            await gate.reset([side])
            let (ended, left) = side == .client ? (client.ear, server.latest) : (server.latest, client.ear)
            #expect(await ended.hears { $0.wasReset })
            // A round trip on another connection later the other socket still knows of nothing.
            let other = try await Client.connect(gate.port)
            other.send("y")
            _ = await other.ear.hears("y")
            #expect(!left.now.hasEnded)
            if side == .client {
                await gate.disconnect([.server])
                #expect(await left.hears { $0.hasEnded && !$0.wasReset })
            } else {
                await gate.endHalves()
                #expect(await left.hears { $0.hasEnded && $0.wasReset })
            }
            #expect(!other.ear.now.hasEnded || side == .client)
        }
    }

    @Test func whatIsHeldComesLaterAndWhatIsLostDoesNot() async throws {
        try await withGate { gate, server in
            let client = try await Client.connect(gate.port)
            client.send("1")
            #expect(await client.ear.hears("1"))
            await gate.setFlow(toClient: .hold)
            client.send("2")
            #expect(await server.latest.hears("12"))
            #expect(client.ear.text == "1")
            await gate.restore()
            #expect(await client.ear.hears("12"))
            await gate.setFlow(toServer: .lose)
            client.send("3")
            try await gate.until { $0.bytesLost == 1 }
            await gate.restore()
            client.send("4")
            #expect(await client.ear.hears("124"))
        }
    }

    @Test func aBlackHoleKeepsSocketsAndHidesTheirEnd() async throws {
        try await withGate { gate, server in
            let client = try await Client.connect(gate.port)
            client.send("1")
            #expect(await client.ear.hears("1"))
            await gate.blackHole()
            client.send("2")
            await client.close()
            // New ones come in, too, and hear nothing.
            let silent = try await Client.connect(gate.port)
            silent.send("3")
            try await gate.connections(atLeast: 2)
            #expect(server.ears.withLockedValue { $0.first?.text } == "1")
            #expect(server.ears.withLockedValue { $0.first?.now.hasEnded } == false)
            #expect(silent.ear.text.isEmpty)
            await gate.restore()
            #expect(await silent.ear.hears("3"))
            let first = try #require(server.ears.withLockedValue { $0.first })
            #expect(await first.hears { $0.hasEnded })
            #expect(first.text == "12")
        }
    }

    @Test func aSenderIsHeldBackWhenNobodyReads() async throws {
        try await withGate(echoes: false) { gate, server in
            let client = try await Client.connect(gate.port)
            await gate.setFlow(toServer: .hold)
            let body = ByteBuffer(repeating: 7, count: 64 << 20)
            async let written: Void = client.channel.writeAndFlush(body)
            #expect(await client.ear.hears { _ in !client.channel.isWritable })
            #expect(gate.counts.bytesToServer == 0)
            await gate.restore()
            try await written
            #expect(await server.latest.hears { $0.bytes.readableBytes == body.readableBytes })
        }
    }

    @Test(arguments: [TCPGate.Ending.reset, .close, .hold], [TCPGate.Direction.toClient, .toServer])
    func aStreamIsCutAfterItsBytes(ending: TCPGate.Ending, direction: TCPGate.Direction) async throws {
        try await withGate { gate, server in
            let client = try await Client.connect(gate.port)
            client.send("0123")
            #expect(await client.ear.hears("0123"))
            await gate.cut(direction, afterBytes: 3, ending)
            client.send("4")
            #expect(await client.ear.hears("01234"))
            client.send("56789")
            try await gate.until { $0.cut == 1 }
            let ear = direction == .toClient ? client.ear : server.latest
            #expect(await ear.hears { $0.bytes.readableBytes == 7 || $0.wasReset })
            switch ending {
            case .hold: #expect(ear.text == "0123456" && !ear.now.hasEnded)
            case .close:
                #expect(await ear.hears { $0.hasEnded })
                #expect(ear.text == "0123456")
                // A server that answers a socket that is closed is reset for it.
                #expect(direction == .toServer || !ear.now.wasReset)
            case .reset:
                #expect(await ear.hears { $0.hasEnded })
                // The server may hear of it when it answers, which is no reset that it reads.
                #expect(await client.ear.hears { $0.wasReset })
            }
        }
    }

    @Test func newConnectionsAreTreatedAsSaid() async throws {
        try await withGate { gate, server in
            gate.admission = .close
            let closed = try await Client.connect(gate.port)
            #expect(await closed.ear.hears { $0.hasEnded && !$0.wasReset })
            gate.admission = .reset
            if let reset = try? await Client.connect(gate.port) { #expect(await reset.ear.hears { $0.hasEnded }) }
            gate.admission = .silence
            let silent = try await Client.connect(gate.port)
            silent.send("x")
            try await gate.until { $0.accepted == 3 }
            #expect(gate.counts.forwarded == 0 && server.ears.withLockedValue { $0.isEmpty })
            gate.admission = .cut(.toClient, afterBytes: 2, .close)
            let cut = try await Client.connect(gate.port)
            cut.send("abc")
            #expect(await cut.ear.hears { $0.hasEnded })
            #expect(cut.ear.text == "ab")
            gate.admission = .forward
            let good = try await Client.connect(gate.port)
            good.send("abc")
            #expect(await good.ear.hears("abc"))
            #expect(silent.ear.text.isEmpty && !silent.ear.now.hasEnded)
        }
    }

    @Test func aGateThatRefusesKeepsItsPortAndItsConnections() async throws {
        try await withGate { gate, _ in
            let client = try await Client.connect(gate.port)
            // What the gate has not taken in when it refuses is refused, too.
            try await gate.until { $0.accepted == 1 }
            for round in 1...3 {
                await gate.refuse()
                await #expect(throws: (any Error).self) { _ = try await Client.connect(gate.port) }
                try await gate.admit()
                let next = try await Client.connect(gate.port)
                next.send("x")
                #expect(await next.ear.hears("x"))
                #expect(gate.counts.accepted == 1 + round)
            }
            client.send("still there")
            #expect(await client.ear.hears("still there"))
        }
    }

    @Test func aServerThatIsNotThereEndsTheClient() async throws {
        let port = try await EchoServer.with { $0.port }
        try await TCPGate.with(port: port) { gate in
            let client = try await Client.connect(gate.port)
            #expect(await client.ear.hears { $0.hasEnded })
            #expect(gate.counts.accepted == 1 && gate.counts.forwarded == 0)
            try await gate.until { $0.open == 0 }
        }
    }

    @Test func whatDoesNotComeIsSaid() async throws {
        try await withGate { gate, _ in
            await #expect(throws: TCPGate.NotInTime.self) {
                try await gate.until(within: .milliseconds(20)) { $0.accepted > 0 }
            }
            let waiting = Task { try await gate.connections(atLeast: 1) }
            waiting.cancel()
            await #expect(throws: TCPGate.NotInTime.self) { try await waiting.value }
        }
    }

    private func withGate(echoes: Bool = true, _ body: (TCPGate, EchoServer) async throws -> Void) async throws {
        try await EchoServer.with(echoes: echoes) { server in
            try await TCPGate.with(port: server.port) { gate in try await body(gate, server) }
        }
    }
}
