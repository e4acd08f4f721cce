/// The class id and method id that identify a method on the wire.
public struct MethodID: Hashable, Sendable {
    /// The class id.
    public var classID: UInt16
    /// The method id within the class.
    public var methodID: UInt16

    /// Creates an identifier.
    public init(classID: UInt16, methodID: UInt16) {
        self.classID = classID
        self.methodID = methodID
    }
}

extension MethodID: CustomStringConvertible {
    /// The AMQP name, such as `queue.declare`, or the numbers if the method is unknown.
    public var description: String { name ?? "method \(classID).\(methodID)" }
}
