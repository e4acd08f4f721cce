import GRDB
import TopCore

// Times are those of the clock of this machine. Where it was set back, the newer block tells about the times that come
// twice.
extension RecordingWriter {
    /// Dates what is still true from the time to which the clock was set back: it is true at the newer times, too.
    mutating func redate() {
        let now = sink.now.databaseValue
        for kind in [PendingStatement.Kind.openItems, .endedItems, .openFindings, .laterTexts] {
            statements.append(PendingStatement(kind, [now]))
        }
        for (id, open) in findings {
            findings[id]?.writtenAt = sink.now
            writeText(of: open)
        }
        let records = Array(faults.values)
        faults = [:]
        try? take(records)
    }
}
