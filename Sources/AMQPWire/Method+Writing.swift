import NIOCore

extension Method {
    /// Writes a method frame's payload: class, method and arguments.
    ///
    /// Throws when a string or table is longer than AMQP can say; the buffer then holds a part of it.
    public func writePayload(to buffer: inout ByteBuffer) throws(WireError) {
        let id = self.id
        buffer.writeInteger(id.classID)
        buffer.writeInteger(id.methodID)
        switch self {
        case .connectionStart(let arguments):
            try arguments.write(to: &buffer)
        case .connectionStartOk(let arguments):
            try arguments.write(to: &buffer)
        case .connectionSecure(let arguments):
            try arguments.write(to: &buffer)
        case .connectionSecureOk(let arguments):
            try arguments.write(to: &buffer)
        case .connectionTune(let arguments):
            try arguments.write(to: &buffer)
        case .connectionTuneOk(let arguments):
            try arguments.write(to: &buffer)
        case .connectionOpen(let arguments):
            try arguments.write(to: &buffer)
        case .connectionOpenOk:
            buffer.writeInteger(0, as: UInt8.self)
        case .connectionClose(let arguments):
            try arguments.write(to: &buffer)
        case .connectionCloseOk:
            break
        case .connectionBlocked(let arguments):
            try arguments.write(to: &buffer)
        case .connectionUnblocked:
            break
        case .connectionUpdateSecret(let arguments):
            try arguments.write(to: &buffer)
        case .connectionUpdateSecretOk:
            break
        case .channelOpen:
            buffer.writeInteger(0, as: UInt8.self)
        case .channelOpenOk:
            buffer.writeInteger(0, as: UInt32.self)
        case .channelFlow(let arguments):
            try arguments.write(to: &buffer)
        case .channelFlowOk(let arguments):
            try arguments.write(to: &buffer)
        case .channelClose(let arguments):
            try arguments.write(to: &buffer)
        case .channelCloseOk:
            break
        case .accessRequest(let arguments):
            try arguments.write(to: &buffer)
        case .accessRequestOk(let arguments):
            try arguments.write(to: &buffer)
        case .exchangeDeclare(let arguments):
            try arguments.write(to: &buffer)
        case .exchangeDeclareOk:
            break
        case .exchangeDelete(let arguments):
            try arguments.write(to: &buffer)
        case .exchangeDeleteOk:
            break
        case .exchangeBind(let arguments):
            try arguments.write(to: &buffer)
        case .exchangeBindOk:
            break
        case .exchangeUnbind(let arguments):
            try arguments.write(to: &buffer)
        case .exchangeUnbindOk:
            break
        case .queueDeclare(let arguments):
            try arguments.write(to: &buffer)
        case .queueDeclareOk(let arguments):
            try arguments.write(to: &buffer)
        case .queueBind(let arguments):
            try arguments.write(to: &buffer)
        case .queueBindOk:
            break
        case .queuePurge(let arguments):
            try arguments.write(to: &buffer)
        case .queuePurgeOk(let arguments):
            try arguments.write(to: &buffer)
        case .queueDelete(let arguments):
            try arguments.write(to: &buffer)
        case .queueDeleteOk(let arguments):
            try arguments.write(to: &buffer)
        case .queueUnbind(let arguments):
            try arguments.write(to: &buffer)
        case .queueUnbindOk:
            break
        case .basicQos(let arguments):
            try arguments.write(to: &buffer)
        case .basicQosOk:
            break
        case .basicConsume(let arguments):
            try arguments.write(to: &buffer)
        case .basicConsumeOk(let arguments):
            try arguments.write(to: &buffer)
        case .basicCancel(let arguments):
            try arguments.write(to: &buffer)
        case .basicCancelOk(let arguments):
            try arguments.write(to: &buffer)
        case .basicPublish(let arguments):
            try arguments.write(to: &buffer)
        case .basicReturn(let arguments):
            try arguments.write(to: &buffer)
        case .basicDeliver(let arguments):
            try arguments.write(to: &buffer)
        case .basicGet(let arguments):
            try arguments.write(to: &buffer)
        case .basicGetOk(let arguments):
            try arguments.write(to: &buffer)
        case .basicGetEmpty:
            buffer.writeInteger(0, as: UInt8.self)
        case .basicAck(let arguments):
            try arguments.write(to: &buffer)
        case .basicReject(let arguments):
            try arguments.write(to: &buffer)
        case .basicRecoverAsync(let arguments):
            try arguments.write(to: &buffer)
        case .basicRecover(let arguments):
            try arguments.write(to: &buffer)
        case .basicRecoverOk:
            break
        case .basicNack(let arguments):
            try arguments.write(to: &buffer)
        case .confirmSelect(let arguments):
            try arguments.write(to: &buffer)
        case .confirmSelectOk:
            break
        case .txSelect:
            break
        case .txSelectOk:
            break
        case .txCommit:
            break
        case .txCommitOk:
            break
        case .txRollback:
            break
        case .txRollbackOk:
            break
        }
    }
}
