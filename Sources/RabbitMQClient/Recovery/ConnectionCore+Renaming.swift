import Names

extension ConnectionCore {
    /// A queue whose name the broker chose has a new name.
    func queueRenamed(_ old: Name, to new: Name) {
        let channels = state.withLockedValue { state in
            state.topology.renamed(old, to: new)
            return Array(state.channels.values)
        }
        for channel in channels { channel.queueRenamed(old, to: new) }
        log(.queueRenamed(old, to: new))
    }
}

extension ChannelCore {
    fileprivate func queueRenamed(_ old: Name, to new: Name) {
        let consumers = state.withLockedValue { Array($0.consuming.consumers.values) }
        for consumer in consumers where consumer.queueName == old { consumer.queueRenamed(to: new) }
    }
}
