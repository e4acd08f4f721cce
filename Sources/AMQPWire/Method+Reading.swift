import NIOCore

extension Method {
    /// Reads a method frame's payload: class, method and arguments, to the last byte.
    ///
    /// Throws 540 for a method that does not exist, 501 for arguments that end early or leave bytes over, 502 for a
    /// field of no known type.
    public init(payload: ByteBuffer) throws(WireError) {
        var reader = PayloadReader(payload)
        let id = MethodID(classID: try reader.short(), methodID: try reader.short())
        try self.init(id, from: &reader)
        guard reader.isAtEnd else { throw .trailingBytes(count: reader.remaining) }
    }

    private init(_ id: MethodID, from reader: inout PayloadReader) throws(WireError) {
        switch (id.classID, id.methodID) {
        case (10, 10):
            self = .connectionStart(try ConnectionStart(from: &reader))
        case (10, 11):
            self = .connectionStartOk(try ConnectionStartOk(from: &reader))
        case (10, 20):
            self = .connectionSecure(try ConnectionSecure(from: &reader))
        case (10, 21):
            self = .connectionSecureOk(try ConnectionSecureOk(from: &reader))
        case (10, 30):
            self = .connectionTune(try ConnectionTune(from: &reader))
        case (10, 31):
            self = .connectionTuneOk(try ConnectionTuneOk(from: &reader))
        case (10, 40):
            self = .connectionOpen(try ConnectionOpen(from: &reader))
        case (10, 41):
            _ = try reader.shortString()
            self = .connectionOpenOk
        case (10, 50):
            self = .connectionClose(try ConnectionClose(from: &reader))
        case (10, 51):
            self = .connectionCloseOk
        case (10, 60):
            self = .connectionBlocked(try ConnectionBlocked(from: &reader))
        case (10, 61):
            self = .connectionUnblocked
        case (10, 70):
            self = .connectionUpdateSecret(try ConnectionUpdateSecret(from: &reader))
        case (10, 71):
            self = .connectionUpdateSecretOk
        case (20, 10):
            _ = try reader.shortString()
            self = .channelOpen
        case (20, 11):
            _ = try reader.longString()
            self = .channelOpenOk
        case (20, 20):
            self = .channelFlow(try ChannelFlow(from: &reader))
        case (20, 21):
            self = .channelFlowOk(try ChannelFlowOk(from: &reader))
        case (20, 40):
            self = .channelClose(try ChannelClose(from: &reader))
        case (20, 41):
            self = .channelCloseOk
        case (30, 10):
            self = .accessRequest(try AccessRequest(from: &reader))
        case (30, 11):
            self = .accessRequestOk(try AccessRequestOk(from: &reader))
        case (40, 10):
            self = .exchangeDeclare(try ExchangeDeclare(from: &reader))
        case (40, 11):
            self = .exchangeDeclareOk
        case (40, 20):
            self = .exchangeDelete(try ExchangeDelete(from: &reader))
        case (40, 21):
            self = .exchangeDeleteOk
        case (40, 30):
            self = .exchangeBind(try ExchangeBind(from: &reader))
        case (40, 31):
            self = .exchangeBindOk
        case (40, 40):
            self = .exchangeUnbind(try ExchangeUnbind(from: &reader))
        case (40, 51):
            self = .exchangeUnbindOk
        case (50, 10):
            self = .queueDeclare(try QueueDeclare(from: &reader))
        case (50, 11):
            self = .queueDeclareOk(try QueueDeclareOk(from: &reader))
        case (50, 20):
            self = .queueBind(try QueueBind(from: &reader))
        case (50, 21):
            self = .queueBindOk
        case (50, 30):
            self = .queuePurge(try QueuePurge(from: &reader))
        case (50, 31):
            self = .queuePurgeOk(try QueuePurgeOk(from: &reader))
        case (50, 40):
            self = .queueDelete(try QueueDelete(from: &reader))
        case (50, 41):
            self = .queueDeleteOk(try QueueDeleteOk(from: &reader))
        case (50, 50):
            self = .queueUnbind(try QueueUnbind(from: &reader))
        case (50, 51):
            self = .queueUnbindOk
        case (60, 10):
            self = .basicQos(try BasicQos(from: &reader))
        case (60, 11):
            self = .basicQosOk
        case (60, 20):
            self = .basicConsume(try BasicConsume(from: &reader))
        case (60, 21):
            self = .basicConsumeOk(try BasicConsumeOk(from: &reader))
        case (60, 30):
            self = .basicCancel(try BasicCancel(from: &reader))
        case (60, 31):
            self = .basicCancelOk(try BasicCancelOk(from: &reader))
        case (60, 40):
            self = .basicPublish(try BasicPublish(from: &reader))
        case (60, 50):
            self = .basicReturn(try BasicReturn(from: &reader))
        case (60, 60):
            self = .basicDeliver(try BasicDeliver(from: &reader))
        case (60, 70):
            self = .basicGet(try BasicGet(from: &reader))
        case (60, 71):
            self = .basicGetOk(try BasicGetOk(from: &reader))
        case (60, 72):
            _ = try reader.shortString()
            self = .basicGetEmpty
        case (60, 80):
            self = .basicAck(try BasicAck(from: &reader))
        case (60, 90):
            self = .basicReject(try BasicReject(from: &reader))
        case (60, 100):
            self = .basicRecoverAsync(try BasicRecoverAsync(from: &reader))
        case (60, 110):
            self = .basicRecover(try BasicRecover(from: &reader))
        case (60, 111):
            self = .basicRecoverOk
        case (60, 120):
            self = .basicNack(try BasicNack(from: &reader))
        case (85, 10):
            self = .confirmSelect(try ConfirmSelect(from: &reader))
        case (85, 11):
            self = .confirmSelectOk
        case (90, 10):
            self = .txSelect
        case (90, 11):
            self = .txSelectOk
        case (90, 20):
            self = .txCommit
        case (90, 21):
            self = .txCommitOk
        case (90, 30):
            self = .txRollback
        case (90, 31):
            self = .txRollbackOk
        default:
            throw .unknownMethod(id)
        }
    }
}
