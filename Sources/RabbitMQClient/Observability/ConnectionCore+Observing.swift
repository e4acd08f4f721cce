import Logging

extension ConnectionCore {
    /// Reports an event to logger and metrics; listeners of the registry are notified separately.
    func observe(_ kind: ClientEvent.Kind, channel: UInt16?) {
        switch kind {
        case .connectionOpened: log(.connectionOpened)
        case .connectionClosed(let reason):
            log(.connectionClosed(reason))
            metrics?.connectionClosed()
        case .connectionLost(let reason): log(.connectionLost(reason))
        case .connectionRecovered(let report): log(.connectionRecovered(report))
        case .connectionBlocked(let reason): log(.connectionBlocked(reason: reason))
        case .connectionUnblocked: log(.connectionUnblocked)
        case .channelOpened:
            log(.channelOpened, channel: channel)
            metrics?.channelOpened()
        case .channelClosed(let reason):
            log(.channelClosed(reason), channel: channel)
            metrics?.channelClosed()
        case .publishReturned(let returned): log(.publishReturned(returned), channel: channel)
        case .consumerCancelled(let tag, let queue): log(.consumerCancelled(tag: tag, queue: queue), channel: channel)
        }
    }

    /// Logs an entry with the connection's metadata. The entry is not evaluated if the logger's level excludes it.
    func log(_ entry: @autoclosure () -> ClientLog, channel: UInt16? = nil) {
        guard logger.logLevel <= .error else { return }
        let entry = entry()
        guard logger.logLevel <= entry.level else { return }
        var metadata = entry.metadata
        let (name, endpoint) = state.withLockedValue { ($0.socket.name, $0.socket.endpoint) }
        metadata[LogMetadataKey.connectionID] = "\(id)"
        metadata[LogMetadataKey.connectionName] = "\(name)"
        metadata[LogMetadataKey.virtualHost] = "\(configuration.virtualHost)"
        if let endpoint, metadata[LogMetadataKey.endpoint] == nil { metadata[LogMetadataKey.endpoint] = "\(endpoint)" }
        if let clientName = configuration.connectionName { metadata[LogMetadataKey.clientName] = "\(clientName)" }
        if let channel { metadata[LogMetadataKey.channel] = "\(channel)" }
        logger.log(level: entry.level, "\(entry.message)", metadata: metadata)
    }

    /// Reports the increments since the last report to the metrics.
    func addToMetrics() {
        guard let metrics else { return }
        let (channels, bytes) = state.withLockedValue { ($0.channels.all, $0.record.takeUncounted()) }
        metrics.add(bytesIn: bytes.bytesIn, bytesOut: bytes.bytesOut)
        for channel in channels { metrics.add(channel.takeUncounted().added) }
    }
}
