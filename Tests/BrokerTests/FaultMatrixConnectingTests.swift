import BrokerSupport
import RabbitMQClient
import TCPGate
import Testing

import struct NIOCore.ByteBuffer

/// Rows 1 to 6 of the fault matrix: the broker is not there, or refuses.
@Suite struct FaultMatrixConnectingTests {
    @Test func row01NoBrokerAtFirstConnectIsATypedError() async throws {
        try await TestBroker.shared().withGate { gate, configuration in
            await gate.refuse()
            let error = await clientError { _ = try await Connection.connect(configuration) }
            #expect(error?.code == .connectionRefused)
            #expect(error?.isPermanent == false)
            #expect(error?.message.contains("\(gate.port)") == true)
        }
    }

    @Test func row01NoBrokerAtFirstConnectIsRetriedByPolicy() async throws {
        try await TestBroker.shared().withGate({ $0.recovery = .briskFromTheStart }) { gate, configuration in
            await gate.refuse()
            let connection = Connection(configuration)
            let log = StateLog(connection)
            let running = Task { try await connection.run() }
            #expect(
                await eventually {
                    if case .recovering(let attempt, _, _) = connection.state { attempt >= 3 } else { false }
                })
            #expect(!connection.isOpen && connection.closeReason == nil)
            // An operation waits meanwhile, and goes on by itself.
            async let queue = connection.openChannel().declareQueue(exclusive: true).name
            try await gate.admit()
            #expect(try await queue.hasPrefix("amq.gen-"))
            #expect(connection.isOpen)
            #expect(log.errors.allSatisfy { $0.code == .connectionRefused })
            await connection.close()
            try await running.value
        }
    }

    @Test func row01AttemptsEndWhereThePolicySays() async throws {
        try await TestBroker.shared().withGate({
            $0.recovery = .briskFromTheStart
            $0.recovery.attempts = 3
        }) { gate, configuration in
            gate.admission = .close
            let error = await clientError { _ = try await Connection.connect(configuration) }
            #expect(error?.code == .closedDuringHandshake)
            // The first, and three more.
            #expect(gate.counts.accepted == 4)
        }
    }

    @Test(arguments: [TCPGate.Admission.close, .reset, .cut(.toClient, afterBytes: 7, .reset), .silence])
    func row02APeerThatClosesBeforeStartIsATypedError(admission: TCPGate.Admission) async throws {
        try await TestBroker.shared().withGate({ $0.connectTimeout = .milliseconds(800) }) { gate, configuration in
            gate.admission = admission
            let error = await clientError { _ = try await Connection.connect(configuration) }
            switch admission {
            case .silence: #expect(error?.code == .handshakeTimeout)
            // A socket that is reset before it is looked at has never been connected.
            case .reset: #expect(error?.code == .closedDuringHandshake || error?.code == .connectFailed)
            default: #expect(error?.code == .closedDuringHandshake)
            }
            #expect(error?.isPermanent == false)
            #expect(gate.counts.accepted == 1)
        }
    }

    @Test func row02APeerThatClosesBeforeStartIsTriedAgainByPolicy() async throws {
        try await TestBroker.shared().withGate({
            $0.recovery = .briskFromTheStart
            $0.connectTimeout = .milliseconds(800)
        }) { gate, configuration in
            gate.admission = .close
            async let connecting = Connection.connect(configuration)
            try await gate.until { $0.accepted >= 2 }
            gate.admission = .reset
            try await gate.until { $0.accepted >= 4 }
            gate.admission = .cut(.toClient, afterBytes: 20, .close)
            try await gate.until { $0.cut >= 1 }
            gate.admission = .forward
            let connection = try await connecting
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue(exclusive: true)
            await connection.close()
        }
    }

    @Test func row03AWrongPasswordIsAPermanent403AndIsNotTriedAgain() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withGate({
            $0.recovery = .briskFromTheStart
            $0.password = "wrong"
        }) { gate, configuration in
            let error = await clientError { _ = try await Connection.connect(configuration) }
            #expect(error?.code == .accessRefused && error?.isPermanent == true)
            #expect(error?.closeReason?.code == 403)
            #expect(gate.counts.accepted == 1)
        }
    }

    @Test func row03APasswordThatChangedEndsRecoveryAtOnce() async throws {
        let broker = try await TestBroker.shared()
        let user = try await broker.makeUser(password: "old")
        try await broker.grant(user, vhost: "/")
        try await broker.withGate({
            $0.username = user
            $0.password = "old"
        }) { gate, configuration in
            let connection = try await Connection.connect(configuration)
            let channel = try await connection.openChannel()
            try await broker.changePassword(of: user, to: "new")
            await gate.reset()
            let reason = await connection.closed()
            #expect(reason.code == 403 && reason.name == "ACCESS_REFUSED" && reason.scope == .connection)
            #expect(connection.state == .closed(reason))
            #expect(gate.counts.forwarded == 2)
            #expect(await clientError { _ = try await channel.declareQueue(exclusive: true) }?.closeReason?.code == 403)
        }
    }

    @Test func row04AMissingVhostIsAPermanent530AndIsNotTriedAgain() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withGate({
            $0.recovery = .briskFromTheStart
            $0.virtualHost = "no such vhost"
        }) { gate, configuration in
            let error = await clientError { _ = try await Connection.connect(configuration) }
            #expect(error?.code == .virtualHostRefused && error?.isPermanent == true)
            #expect(error?.closeReason?.code == 530)
            #expect(gate.counts.accepted == 1)
        }
    }

    @Test func row04AVhostThatIsRefusedIsAPermanent530() async throws {
        let broker = try await TestBroker.shared()
        let user = try await broker.makeUser(password: "secret")
        try await broker.withGate({
            $0.recovery = .briskFromTheStart
            $0.username = user
            $0.password = "secret"
        }) { gate, configuration in
            let error = await clientError { _ = try await Connection.connect(configuration) }
            #expect(error?.code == .virtualHostRefused && error?.isPermanent == true)
            #expect(error?.closeReason?.code == 530)
            #expect(gate.counts.accepted == 1)
        }
    }

    @Test func row04AVhostThatIsDeletedEndsRecoveryAtOnce() async throws {
        let broker = try await TestBroker.shared()
        let vhost = try await broker.makeVhost()
        try await broker.withGate({ $0.virtualHost = vhost }) { gate, configuration in
            let connection = try await Connection.connect(configuration)
            let consumer = try await connection.openChannel().consumed("exclusive")
            async let consuming = clientError { for try await _ in consumer {} }
            try await broker.deleteVhost(vhost)
            let reason = await connection.closed()
            #expect(reason.code == 530 && reason.methodName == "connection.open")
            #expect(gate.counts.forwarded == 2)
            // The broker cancels the consumer of the vhost's queue, or the connection is gone before that is heard.
            let error = await consuming
            #expect(error?.code == .consumerCancelled || error?.closeReason?.code == 530)
        }
    }

    /// The proposal itself is seen by `row05…` in RabbitMQClientTests.
    @Test func row05AFrameMaxUnder8192IsNotProposedToARealBroker() async throws {
        let broker = try await TestBroker.shared()
        for wanted in [1, 4096, 8191] as [UInt32] {
            try await broker.withConnection({ $0.frameMax = wanted }) { connection in
                #expect(connection.frameMax == 8192)
            }
        }
    }

    @Test func row06ZeroOnBothSidesIsUnlimited() async throws {
        try await TestBroker.withSettings(["channel_max": 0, "frame_max": 0]) { broker in
            try await broker.withConnection({
                $0.channelMax = 0
                $0.frameMax = 0
            }) { connection in
                #expect(connection.channelMax == 0 && connection.frameMax == 0)
                let channel = try await connection.openChannel()
                let queue = try await channel.declareQueue(exclusive: true).name
                try await channel.confirmSelect()
                let start = connection.report.bytesOut
                try await channel.publish(ByteBuffer(), routingKey: queue)
                let empty = connection.report.bytesOut - start
                let body = ByteBuffer(repeating: 7, count: 3_000_000)
                try await channel.publish(body, routingKey: queue)
                // One frame for the whole body, of 8 bytes more.
                #expect(connection.report.bytesOut - start == 2 * empty + 3_000_000 + 8)
                #expect(try await channel.get(queue, noAck: true)?.delivery.body == ByteBuffer())
                #expect(try await channel.get(queue, noAck: true)?.delivery.body == body)
                // More than the 2047 that RabbitMQ allows by default.
                let channels = try await withThrowingTaskGroup(of: UInt16.self) { group in
                    for _ in 0..<2500 { group.addTask { try await connection.openChannel().number } }
                    return try await group.reduce(into: Set<UInt16>()) { $0.insert($1) }
                }
                #expect(channels.count == 2500 && channels.max() ?? 0 > 2047)
            }
            // Where one side has a limit, it holds.
            try await broker.withConnection({ $0.channelMax = 3 }) { connection in
                #expect(connection.channelMax == 3 && connection.frameMax == 131_072)
            }
        }
    }
}

extension Channel {
    /// A consumer of a new exclusive queue.
    fileprivate func consumed(_ tag: String) async throws -> Consumer {
        try await consume(declareQueue(exclusive: true).name, tag: tag)
    }
}
