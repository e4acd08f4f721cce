public import Faults
import Names

extension FindingSubject {
    /// The row that shows the object; `nil` for one without a row. A consumer's row is the first one of its tag.
    public var rowID: RowID? {
        switch self {
        case .queue(let key): .queue(EntityID(vhost: key.vhost, name: key.name))
        case .exchange(let key): .exchange(EntityID(vhost: key.vhost, name: key.name))
        case .channel(let key): .channel(ChannelID(connection: key.connection, number: key.number))
        case .connection(let name): .connection(name)
        case .node(let name): .node(name)
        case .consumer(let key):
            .consumer(
                ConsumerID(
                    queue: EntityID(vhost: key.queue.vhost, name: key.queue.name),
                    channel: ChannelID(connection: key.channel.connection, number: key.channel.number), tag: key.tag))
        case .cluster, .vhost, .application, .source: nil
        }
    }
}

extension QueueRow {
    public var findingSubjects: [FindingSubject] { [.queue(DiagnosisFacts.QueueKey(id))] }
}

extension ExchangeRow {
    public var findingSubjects: [FindingSubject] { [.exchange(.init(vhost: id.vhost, name: id.name))] }
}

extension ChannelRow {
    public var findingSubjects: [FindingSubject] { [.channel(DiagnosisFacts.ChannelKey(id))] }
}

extension ConnectionRow {
    /// The connection and its application: a finding about one connection concerns the application's others, too.
    public var findingSubjects: [FindingSubject] {
        [.connection(name)] + (clientName.map { [.application($0)] } ?? [])
    }
}

extension ConsumerRow {
    public var findingSubjects: [FindingSubject] {
        DiagnosisFacts.ConsumerFacts(self).map { [.consumer($0.key)] } ?? []
    }
}

extension NodeRow {
    public var findingSubjects: [FindingSubject] { [.node(name)] }
}

extension ClientRow {
    public var findingSubjects: [FindingSubject] {
        guard let channel else { return [.connection(connection)] }
        return [.channel(DiagnosisFacts.ChannelKey(connection: connection, number: channel))]
    }
}
