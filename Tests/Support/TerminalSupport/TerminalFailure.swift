/// Why a terminal of the tests did not do what a test waits for.
public struct TerminalFailure: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
