import Experiments
import Lab
import Testing

@Suite struct LabTableTests {
    @Test func aListOfObjectsIsATable() throws {
        let table = try #require(
            LabTable(
                .list([
                    .object(["observed": .text("q"), "family": .text("direct"), "b": .integer(1)]),
                    .object(["family": .text("fanout"), "a": .null]),
                ])))
        #expect(table.heads == ["family", "a", "b", "observed"])
        #expect(table.rows == [["direct", "", "1", "q"], ["fanout", "-", "", ""]])
    }

    @Test(arguments: [LabValue.null, .text("a"), .list([]), .list([.text("a")]), .object(["a": .null])])
    func anythingElseIsNone(_ value: LabValue) {
        #expect(LabTable(value) == nil)
    }
}
