extension ConnectionCore {
    /// A queue that the broker names has another name now.
    func queueRenamed(_ old: String, to new: String) {
        let channels = state.withLockedValue { state in
            state.topology.renamed(old, to: new)
            return Array(state.channels.values)
        }
        for channel in channels { channel.queueRenamed(old, to: new) }
        log(.queueRenamed(old, to: new))
    }
}

extension ChannelCore {
    fileprivate func queueRenamed(_ old: String, to new: String) {
        let consumers = state.withLockedValue { Array($0.consumers.values) }
        for consumer in consumers where consumer.queueName == old { consumer.queueRenamed(to: new) }
    }
}

extension String {
    /// As much of it as fits into so many bytes of UTF-8, for AMQP's short strings.
    func prefixOfBytes(_ most: Int) -> String {
        var end = startIndex
        var bytes = 0
        while end < endIndex {
            bytes += self[end].utf8.count
            if bytes > most { break }
            formIndex(after: &end)
        }
        return String(self[..<end])
    }
}
