/// The class and number that identify a method on the wire.
public struct MethodID: Hashable, Sendable {
    public var classID: UInt16
    public var methodID: UInt16

    public init(classID: UInt16, methodID: UInt16) {
        self.classID = classID
        self.methodID = methodID
    }

    /// The AMQP name such as `exchange.unbind-ok`; nil for a method that does not exist.
    public var name: String? {
        switch (classID, methodID) {
        case (10, 10): "connection.start"
        case (10, 11): "connection.start-ok"
        case (10, 20): "connection.secure"
        case (10, 21): "connection.secure-ok"
        case (10, 30): "connection.tune"
        case (10, 31): "connection.tune-ok"
        case (10, 40): "connection.open"
        case (10, 41): "connection.open-ok"
        case (10, 50): "connection.close"
        case (10, 51): "connection.close-ok"
        case (10, 60): "connection.blocked"
        case (10, 61): "connection.unblocked"
        case (10, 70): "connection.update-secret"
        case (10, 71): "connection.update-secret-ok"
        case (20, 10): "channel.open"
        case (20, 11): "channel.open-ok"
        case (20, 20): "channel.flow"
        case (20, 21): "channel.flow-ok"
        case (20, 40): "channel.close"
        case (20, 41): "channel.close-ok"
        case (30, 10): "access.request"
        case (30, 11): "access.request-ok"
        case (40, 10): "exchange.declare"
        case (40, 11): "exchange.declare-ok"
        case (40, 20): "exchange.delete"
        case (40, 21): "exchange.delete-ok"
        case (40, 30): "exchange.bind"
        case (40, 31): "exchange.bind-ok"
        case (40, 40): "exchange.unbind"
        case (40, 51): "exchange.unbind-ok"
        case (50, 10): "queue.declare"
        case (50, 11): "queue.declare-ok"
        case (50, 20): "queue.bind"
        case (50, 21): "queue.bind-ok"
        case (50, 30): "queue.purge"
        case (50, 31): "queue.purge-ok"
        case (50, 40): "queue.delete"
        case (50, 41): "queue.delete-ok"
        case (50, 50): "queue.unbind"
        case (50, 51): "queue.unbind-ok"
        case (60, 10): "basic.qos"
        case (60, 11): "basic.qos-ok"
        case (60, 20): "basic.consume"
        case (60, 21): "basic.consume-ok"
        case (60, 30): "basic.cancel"
        case (60, 31): "basic.cancel-ok"
        case (60, 40): "basic.publish"
        case (60, 50): "basic.return"
        case (60, 60): "basic.deliver"
        case (60, 70): "basic.get"
        case (60, 71): "basic.get-ok"
        case (60, 72): "basic.get-empty"
        case (60, 80): "basic.ack"
        case (60, 90): "basic.reject"
        case (60, 100): "basic.recover-async"
        case (60, 110): "basic.recover"
        case (60, 111): "basic.recover-ok"
        case (60, 120): "basic.nack"
        case (85, 10): "confirm.select"
        case (85, 11): "confirm.select-ok"
        case (90, 10): "tx.select"
        case (90, 11): "tx.select-ok"
        case (90, 20): "tx.commit"
        case (90, 21): "tx.commit-ok"
        case (90, 30): "tx.rollback"
        case (90, 31): "tx.rollback-ok"
        default: nil
        }
    }

    /// All 66 methods, in the order of the specification.
    public static let all: [MethodID] = [
        MethodID(classID: 10, methodID: 10),
        MethodID(classID: 10, methodID: 11),
        MethodID(classID: 10, methodID: 20),
        MethodID(classID: 10, methodID: 21),
        MethodID(classID: 10, methodID: 30),
        MethodID(classID: 10, methodID: 31),
        MethodID(classID: 10, methodID: 40),
        MethodID(classID: 10, methodID: 41),
        MethodID(classID: 10, methodID: 50),
        MethodID(classID: 10, methodID: 51),
        MethodID(classID: 10, methodID: 60),
        MethodID(classID: 10, methodID: 61),
        MethodID(classID: 10, methodID: 70),
        MethodID(classID: 10, methodID: 71),
        MethodID(classID: 20, methodID: 10),
        MethodID(classID: 20, methodID: 11),
        MethodID(classID: 20, methodID: 20),
        MethodID(classID: 20, methodID: 21),
        MethodID(classID: 20, methodID: 40),
        MethodID(classID: 20, methodID: 41),
        MethodID(classID: 30, methodID: 10),
        MethodID(classID: 30, methodID: 11),
        MethodID(classID: 40, methodID: 10),
        MethodID(classID: 40, methodID: 11),
        MethodID(classID: 40, methodID: 20),
        MethodID(classID: 40, methodID: 21),
        MethodID(classID: 40, methodID: 30),
        MethodID(classID: 40, methodID: 31),
        MethodID(classID: 40, methodID: 40),
        MethodID(classID: 40, methodID: 51),
        MethodID(classID: 50, methodID: 10),
        MethodID(classID: 50, methodID: 11),
        MethodID(classID: 50, methodID: 20),
        MethodID(classID: 50, methodID: 21),
        MethodID(classID: 50, methodID: 30),
        MethodID(classID: 50, methodID: 31),
        MethodID(classID: 50, methodID: 40),
        MethodID(classID: 50, methodID: 41),
        MethodID(classID: 50, methodID: 50),
        MethodID(classID: 50, methodID: 51),
        MethodID(classID: 60, methodID: 10),
        MethodID(classID: 60, methodID: 11),
        MethodID(classID: 60, methodID: 20),
        MethodID(classID: 60, methodID: 21),
        MethodID(classID: 60, methodID: 30),
        MethodID(classID: 60, methodID: 31),
        MethodID(classID: 60, methodID: 40),
        MethodID(classID: 60, methodID: 50),
        MethodID(classID: 60, methodID: 60),
        MethodID(classID: 60, methodID: 70),
        MethodID(classID: 60, methodID: 71),
        MethodID(classID: 60, methodID: 72),
        MethodID(classID: 60, methodID: 80),
        MethodID(classID: 60, methodID: 90),
        MethodID(classID: 60, methodID: 100),
        MethodID(classID: 60, methodID: 110),
        MethodID(classID: 60, methodID: 111),
        MethodID(classID: 60, methodID: 120),
        MethodID(classID: 85, methodID: 10),
        MethodID(classID: 85, methodID: 11),
        MethodID(classID: 90, methodID: 10),
        MethodID(classID: 90, methodID: 11),
        MethodID(classID: 90, methodID: 20),
        MethodID(classID: 90, methodID: 21),
        MethodID(classID: 90, methodID: 30),
        MethodID(classID: 90, methodID: 31),
    ]
}

extension MethodID: CustomStringConvertible {
    public var description: String { name ?? "method \(classID).\(methodID)" }
}
