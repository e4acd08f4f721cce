/// The class and number that identify a method on the wire.
public struct MethodID: Hashable, Sendable {
    public var classID: UInt16
    public var methodID: UInt16

    public init(classID: UInt16, methodID: UInt16) {
        self.classID = classID
        self.methodID = methodID
    }
}

extension MethodID: CustomStringConvertible {
    public var description: String { name ?? "method \(classID).\(methodID)" }
}
