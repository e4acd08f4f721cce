import Glibc

/// How many files a private broker may open: as many as this process.
enum BrokerFileLimit {
    /// A node with its plugins has about 50 files and sockets open before the first client connects.
    static let needed: UInt64 = 128

    static var current: UInt64 {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        return UInt64(limit.rlim_cur)
    }

    static func check() throws(BrokerNodeError) {
        if current < needed { throw error(output: "") }
    }

    static func error(output: String) -> BrokerNodeError {
        let more = max(1_024, current.multipliedReportingOverflow(by: 2).overflow ? current : current * 2)
        return BrokerNodeError(
            .notStarted, "A broker may open \(current) files and sockets here, which are too few.",
            advice: "Raise the limit: ulimit -n \(more).", output: output)
    }
}
