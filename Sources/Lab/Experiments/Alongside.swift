/// Runs work together with a companion that lasts as long as the work does.
enum Alongside {
    private struct End: Sendable {
        var isWork: Bool
        var error: LabError?
    }

    /// Runs the work. The companion is cancelled when the work is done; if the companion throws before that, the work
    /// is cancelled, and the error is thrown. Returns when both have ended.
    static func run(
        _ other: @escaping @Sendable () async throws(LabError) -> Void,
        work: @escaping @Sendable () async throws(LabError) -> Void
    ) async throws(LabError) {
        let failure = await withTaskGroup(of: End.self) { group -> LabError? in
            group.addTask { End(isWork: false, error: await error(of: other)) }
            group.addTask { End(isWork: true, error: await error(of: work)) }
            var failure: LabError?
            var isOver = false
            for await end in group where !isOver {
                failure = end.error
                guard end.isWork || end.error != nil else { continue }
                isOver = true
                group.cancelAll()
            }
            return failure
        }
        if let failure { throw failure }
    }

    private static func error(of body: () async throws(LabError) -> Void) async -> LabError? {
        do throws(LabError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }
}
