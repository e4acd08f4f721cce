extension ClientRegistry {
    /// Returns the channel with these identifiers of a report (`ConnectionReport.id` and `ChannelReport.id`), for tools
    /// that act on channels which others opened; nil if it does not exist any more.
    public func channel(_ channel: UInt64, ofConnection connection: UInt64) -> Channel? {
        guard let core = core(ofConnection: connection) else { return nil }
        let found = core.allChannels.first { $0.id == channel }
        return found.map(Channel.init)
    }
}
