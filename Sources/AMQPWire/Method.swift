import NIOCore

/// Every method of AMQP 0-9-1 with RabbitMQ's extensions, with its arguments. A case without arguments has none, or
/// reserved ones only.
public enum Method: Hashable, Sendable {
    case connectionStart(ConnectionStart)
    case connectionStartOk(ConnectionStartOk)
    case connectionSecure(ConnectionSecure)
    case connectionSecureOk(ConnectionSecureOk)
    case connectionTune(ConnectionTune)
    case connectionTuneOk(ConnectionTuneOk)
    case connectionOpen(ConnectionOpen)
    case connectionOpenOk
    case connectionClose(ConnectionClose)
    case connectionCloseOk
    case connectionBlocked(ConnectionBlocked)
    case connectionUnblocked
    case connectionUpdateSecret(ConnectionUpdateSecret)
    case connectionUpdateSecretOk
    case channelOpen
    case channelOpenOk
    case channelFlow(ChannelFlow)
    case channelFlowOk(ChannelFlowOk)
    case channelClose(ChannelClose)
    case channelCloseOk
    case accessRequest(AccessRequest)
    case accessRequestOk(AccessRequestOk)
    case exchangeDeclare(ExchangeDeclare)
    case exchangeDeclareOk
    case exchangeDelete(ExchangeDelete)
    case exchangeDeleteOk
    case exchangeBind(ExchangeBind)
    case exchangeBindOk
    case exchangeUnbind(ExchangeUnbind)
    case exchangeUnbindOk
    case queueDeclare(QueueDeclare)
    case queueDeclareOk(QueueDeclareOk)
    case queueBind(QueueBind)
    case queueBindOk
    case queuePurge(QueuePurge)
    case queuePurgeOk(QueuePurgeOk)
    case queueDelete(QueueDelete)
    case queueDeleteOk(QueueDeleteOk)
    case queueUnbind(QueueUnbind)
    case queueUnbindOk
    case basicQos(BasicQos)
    case basicQosOk
    case basicConsume(BasicConsume)
    case basicConsumeOk(BasicConsumeOk)
    case basicCancel(BasicCancel)
    case basicCancelOk(BasicCancelOk)
    case basicPublish(BasicPublish)
    case basicReturn(BasicReturn)
    case basicDeliver(BasicDeliver)
    case basicGet(BasicGet)
    case basicGetOk(BasicGetOk)
    case basicGetEmpty
    case basicAck(BasicAck)
    case basicReject(BasicReject)
    case basicRecoverAsync(BasicRecoverAsync)
    case basicRecover(BasicRecover)
    case basicRecoverOk
    case basicNack(BasicNack)
    case confirmSelect(ConfirmSelect)
    case confirmSelectOk
    case txSelect
    case txSelectOk
    case txCommit
    case txCommitOk
    case txRollback
    case txRollbackOk

    /// Its class and number.
    public var id: MethodID {
        switch self {
        case .connectionStart: MethodID(classID: 10, methodID: 10)
        case .connectionStartOk: MethodID(classID: 10, methodID: 11)
        case .connectionSecure: MethodID(classID: 10, methodID: 20)
        case .connectionSecureOk: MethodID(classID: 10, methodID: 21)
        case .connectionTune: MethodID(classID: 10, methodID: 30)
        case .connectionTuneOk: MethodID(classID: 10, methodID: 31)
        case .connectionOpen: MethodID(classID: 10, methodID: 40)
        case .connectionOpenOk: MethodID(classID: 10, methodID: 41)
        case .connectionClose: MethodID(classID: 10, methodID: 50)
        case .connectionCloseOk: MethodID(classID: 10, methodID: 51)
        case .connectionBlocked: MethodID(classID: 10, methodID: 60)
        case .connectionUnblocked: MethodID(classID: 10, methodID: 61)
        case .connectionUpdateSecret: MethodID(classID: 10, methodID: 70)
        case .connectionUpdateSecretOk: MethodID(classID: 10, methodID: 71)
        case .channelOpen: MethodID(classID: 20, methodID: 10)
        case .channelOpenOk: MethodID(classID: 20, methodID: 11)
        case .channelFlow: MethodID(classID: 20, methodID: 20)
        case .channelFlowOk: MethodID(classID: 20, methodID: 21)
        case .channelClose: MethodID(classID: 20, methodID: 40)
        case .channelCloseOk: MethodID(classID: 20, methodID: 41)
        case .accessRequest: MethodID(classID: 30, methodID: 10)
        case .accessRequestOk: MethodID(classID: 30, methodID: 11)
        case .exchangeDeclare: MethodID(classID: 40, methodID: 10)
        case .exchangeDeclareOk: MethodID(classID: 40, methodID: 11)
        case .exchangeDelete: MethodID(classID: 40, methodID: 20)
        case .exchangeDeleteOk: MethodID(classID: 40, methodID: 21)
        case .exchangeBind: MethodID(classID: 40, methodID: 30)
        case .exchangeBindOk: MethodID(classID: 40, methodID: 31)
        case .exchangeUnbind: MethodID(classID: 40, methodID: 40)
        case .exchangeUnbindOk: MethodID(classID: 40, methodID: 51)
        case .queueDeclare: MethodID(classID: 50, methodID: 10)
        case .queueDeclareOk: MethodID(classID: 50, methodID: 11)
        case .queueBind: MethodID(classID: 50, methodID: 20)
        case .queueBindOk: MethodID(classID: 50, methodID: 21)
        case .queuePurge: MethodID(classID: 50, methodID: 30)
        case .queuePurgeOk: MethodID(classID: 50, methodID: 31)
        case .queueDelete: MethodID(classID: 50, methodID: 40)
        case .queueDeleteOk: MethodID(classID: 50, methodID: 41)
        case .queueUnbind: MethodID(classID: 50, methodID: 50)
        case .queueUnbindOk: MethodID(classID: 50, methodID: 51)
        case .basicQos: MethodID(classID: 60, methodID: 10)
        case .basicQosOk: MethodID(classID: 60, methodID: 11)
        case .basicConsume: MethodID(classID: 60, methodID: 20)
        case .basicConsumeOk: MethodID(classID: 60, methodID: 21)
        case .basicCancel: MethodID(classID: 60, methodID: 30)
        case .basicCancelOk: MethodID(classID: 60, methodID: 31)
        case .basicPublish: MethodID(classID: 60, methodID: 40)
        case .basicReturn: MethodID(classID: 60, methodID: 50)
        case .basicDeliver: MethodID(classID: 60, methodID: 60)
        case .basicGet: MethodID(classID: 60, methodID: 70)
        case .basicGetOk: MethodID(classID: 60, methodID: 71)
        case .basicGetEmpty: MethodID(classID: 60, methodID: 72)
        case .basicAck: MethodID(classID: 60, methodID: 80)
        case .basicReject: MethodID(classID: 60, methodID: 90)
        case .basicRecoverAsync: MethodID(classID: 60, methodID: 100)
        case .basicRecover: MethodID(classID: 60, methodID: 110)
        case .basicRecoverOk: MethodID(classID: 60, methodID: 111)
        case .basicNack: MethodID(classID: 60, methodID: 120)
        case .confirmSelect: MethodID(classID: 85, methodID: 10)
        case .confirmSelectOk: MethodID(classID: 85, methodID: 11)
        case .txSelect: MethodID(classID: 90, methodID: 10)
        case .txSelectOk: MethodID(classID: 90, methodID: 11)
        case .txCommit: MethodID(classID: 90, methodID: 20)
        case .txCommitOk: MethodID(classID: 90, methodID: 21)
        case .txRollback: MethodID(classID: 90, methodID: 30)
        case .txRollbackOk: MethodID(classID: 90, methodID: 31)
        }
    }

    /// Its AMQP name, such as `queue.declare-ok`.
    public var name: String { id.name ?? "" }
}
